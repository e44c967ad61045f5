"""Generated config and credentials files: what people have, and everything else that the format allows."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = st.sampled_from(
    ["a", "b", "default", "A", "é", "x.y", "a/b", "o'brien", "a]b", "%", "a b", '"', "\\a", ""]
)
BLANKS = st.sampled_from(["", " ", "  ", "\t", "\xa0", "\x0b", "\x1c"])
KINDS = st.sampled_from(
    ["profile", "profile ", "profiles ", "sso-session ", "services ", "", "plugins", "Profile "]
)
QUOTES = st.sampled_from(["{}", '"{}"', "'{}'", " {} ", "\t{}"])
HEADERS = st.builds(
    lambda kind, quote, name, tail: f"[{kind}{quote.format(name)}]{tail}",
    KINDS,
    QUOTES,
    NAMES,
    st.sampled_from(["", "", "", " ", " # note", " # see [y]", "junk"]),
)
KEYS = st.sampled_from(
    ["region", "Region", "role_arn", "source_profile", "s3", "aws_secret_access_key", "k:v", "é", ""]
)
VALUES = st.sampled_from(
    ["", "us-east-1", "a = b", "x # c", "x ; c", "[y]", "%(z)s", "arn:aws:iam::1:role/R", "é\x0bz"]
)
OPTIONS = st.builds(
    lambda key, before, delimiter, after, value: f"{key}{before}{delimiter}{after}{value}",
    KEYS,
    BLANKS,
    st.sampled_from(["=", "=", "=", ":"]),
    BLANKS,
    VALUES,
)
LINES = st.builds(
    lambda indent, line: indent + line,
    st.one_of(st.just(""), st.just(""), BLANKS),
    st.one_of(
        OPTIONS,
        OPTIONS,
        OPTIONS,
        HEADERS,
        HEADERS,
        st.sampled_from(
            ["", "# c", "; c", "[DEFAULT]", "[default]", "[", "[]", "junk", "rem x", "a = b", "\x00"]
        ),
    ),
)
ENDINGS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
FILES = st.builds(
    lambda lines, last: "".join(line + ending for line, ending in lines) + last,
    st.lists(st.tuples(LINES, ENDINGS), max_size=14),
    st.one_of(st.just(""), LINES),
)
# Mostly what people have: unique sections with unique keys, so that botocore seldom refuses.
BODIES = st.lists(
    st.sampled_from(["region", "output", "role_arn", "source_profile", "s3", "credential_process"]),
    unique=True,
)
TAME_FILES = st.lists(
    st.tuples(NAMES, KINDS, BODIES, VALUES, BLANKS), unique_by=lambda section: section[:2]
).map(
    lambda sections: "".join(
        f"[{kind}{name}]\n"
        + "".join(
            f"{indent}{key} = {value}\n" + ("    sub = 1\n\n    # c\n    Sub2=2\n" if key == "s3" else "")
            for key in keys
        )
        for name, kind, keys, value, indent in sections
    )
)
