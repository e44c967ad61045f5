"""The smallest changes of a file, each told twice: what it does to the lines, and to what is read from them.

The two are independent of each other. After an edit the lines are read again, and have to say what the
second telling expects (`verify`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from xswitch.awsfiles.document import Document
    from xswitch.awsfiles.settings import Values

    Model = dict[str, Values]
    """What stands in a file: the values of each section by its header, in file order."""

CONFIG = "config"
CREDENTIALS = "credentials"


class Change:
    """A change of a section of one of the two files; `header` is the text between its brackets."""

    def __init__(self, file: str, header: str) -> None:
        self.file = file
        self.header = header

    @property
    def headers(self) -> tuple[str, ...]:
        """The sections whose own lines it changes."""
        return (self.header,)

    def edit(self, document: Document) -> None:
        """Change the lines."""
        raise NotImplementedError

    def expect(self, model: Model) -> Model:
        """Return what is to be read afterwards: `model` itself, changed; sections in it are replaced."""
        raise NotImplementedError


class Set(Change):
    """Give `key` a value; with `name`, that setting of the nested block `key`."""

    def __init__(self, file: str, header: str, key: str, value: str, name: str = "") -> None:
        super().__init__(file, header)
        self._key = key
        self._value = value
        self._name = name

    def edit(self, document: Document) -> None:
        """Change the line, or add one."""
        if self._name:
            document.set_nested(self.header, self._key, self._name, self._value)
        else:
            document.set_value(self.header, self._key, self._value)

    def expect(self, model: Model) -> Model:
        """Return the model with the value."""
        key, value = self._key.lower(), self._value
        section = dict(model[self.header])
        if self._name:
            block = section.get(key)
            section[key] = {**(block if isinstance(block, dict) else {}), self._name: value}
        else:
            section[key] = value
        model[self.header] = section
        return model


class Unset(Change):
    """Take `key` away; with `name`, that setting of the nested block `key`."""

    def __init__(self, file: str, header: str, key: str, name: str = "") -> None:
        super().__init__(file, header)
        self._key = key
        self._name = name

    def edit(self, document: Document) -> None:
        """Remove the lines."""
        if self._name:
            document.unset_nested(self.header, self._key, self._name)
        else:
            document.unset(self.header, self._key)

    def expect(self, model: Model) -> Model:
        """Return the model without the key, and without a block that has nothing left."""
        key = self._key.lower()
        section = dict(model[self.header])
        value = section.pop(key, None)
        if self._name and isinstance(value, dict):
            block = {name: text for name, text in value.items() if name != self._name}
            section = {**section, key: block} if block else section
        model[self.header] = section
        return model


class AddSection(Change):
    """Add a section with `values`; a dictionary among them is a nested block."""

    def __init__(self, file: str, header: str, values: Values) -> None:
        super().__init__(file, header)
        self._values = values

    def edit(self, document: Document) -> None:
        """Add the lines."""
        document.add_section(self.header, self._values)

    def expect(self, model: Model) -> Model:
        """Return the model with the section."""
        model[self.header] = dict(self._values)
        return model


class CopySection(Change):
    """Add a section `new` with the lines of `header`."""

    def __init__(self, file: str, header: str, new: str) -> None:
        super().__init__(file, header)
        self._new = new

    def edit(self, document: Document) -> None:
        """Add the lines."""
        document.copy_section(self.header, self._new)

    def expect(self, model: Model) -> Model:
        """Return the model with both sections."""
        model[self._new] = model[self.header]
        return model


class RenameSection(Change):
    """Change a section's header to `new`."""

    def __init__(self, file: str, header: str, new: str) -> None:
        super().__init__(file, header)
        self._new = new

    def edit(self, document: Document) -> None:
        """Change the line of the header."""
        document.rename_section(self.header, self._new)

    def expect(self, model: Model) -> Model:
        """Return the model with the section in the same place under its new header."""
        return {self._new if header == self.header else header: values for header, values in model.items()}


class RemoveSection(Change):
    """Take a section away."""

    def edit(self, document: Document) -> None:
        """Remove the lines."""
        document.remove_section(self.header)

    def expect(self, model: Model) -> Model:
        """Return the model without the section."""
        del model[self.header]
        return model
