"""One code of an MFA device for everything that is done from the same source.

STS gives a session for a code (GetSessionToken); roles are then assumed from that session, and AWS takes
them for authenticated with MFA (`aws:MultiFactorAuthPresent`). Such roles last an hour at most.
"""

from __future__ import annotations

import os
import select
import shlex
import subprocess
import time
from typing import TYPE_CHECKING, TypeVar

import botocore.exceptions

from xswitch.errors import XswitchError
from xswitch.sessions.circle import asking
from xswitch.sessions.clicache import CliCache, credentials_in
from xswitch.sessions.clients import signed_client
from xswitch.sessions.interaction import CodeRequest
from xswitch.sessions.keys import mfa_key
from xswitch.sessions.lock import locked
from xswitch.sessions.refusals import error_code, reading, said_by
from xswitch.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.session import Session

    from xswitch.locations import Locations
    from xswitch.profiles.profile import Profile
    from xswitch.sessions.interaction import Interaction
    from xswitch.sessions.session import Credentials

Result = TypeVar("Result")

# Seconds that a session must have left to assume one more role from it: those last longer than it does.
_ENOUGH = 60
_STEP = 0.1  # seconds between two looks at whether it is to go on
_MOST = 4096  # bytes that a program may print around a code
_PROCESS_SECONDS = 120.0  # for `mfa_process`: somebody may have to touch a key


class MfaDevice:
    """An MFA device as profiles name it: `serial`, the profile it stands in, and `mfa_process` if any."""

    __slots__ = ("process", "profile", "serial")

    def __init__(self, serial: str, profile: str, process: str | None) -> None:
        self.serial = serial
        self.profile = profile
        self.process = process


def device_of(*profiles: Profile) -> MfaDevice | None:
    """Return the device that the first of `profiles` names.

    Its `mfa_process` may stand in any of them that names no other device.
    """
    for profile in profiles:
        serial = profile.text("mfa_serial")
        if serial:
            same = (other for other in profiles if other.text("mfa_serial") in {None, serial})
            processes = (text for other in (profile, *same) if (text := other.text("mfa_process")))
            return MfaDevice(serial, profile.name, next(processes, None))
    return None


def mfa_session(
    session: Session,
    source: Credentials,
    device: MfaDevice,
    locations: Locations,
    interaction: Interaction,
    *,
    force: bool = False,
) -> Credentials:
    """Return the session that the long-lived keys `source` have with MFA, cached or for a new code.

    It is kept in the state folder with mode 0600 and lasts 12 hours, as STS decides. `force` asks for a
    code anyway. botocore's exceptions where AWS refuses, XswitchError where no code can be had.
    """
    key = mfa_key(source.access_key_id, device.serial)
    with locked(locations.locks, key, interaction):
        cache = CliCache(locations.mfa_cache, min_seconds=_ENOUGH, renew=force)
        found = credentials_in(cache, key)
        if found is None:
            client = signed_client(session, "sts", source)
            answer = with_code(
                lambda code: client.get_session_token(SerialNumber=device.serial, TokenCode=code),
                device,
                interaction,
            )
            with reading("AWS", "GetSessionToken"):
                cache[key] = {"ProviderType": "mfa", "Credentials": answer["Credentials"]}
                found = credentials_in(cache, key)
            if cache.failure:
                interaction.say(cache.failure)
    if found is None:
        raise RuntimeError("a new session that is not there")
    return found


def with_code(call: Callable[[str], Result], device: MfaDevice, interaction: Interaction) -> Result:
    """Return what `call` returns for a code of the device, asking again while AWS does not take the code.

    A code that was given beforehand or by `mfa_process` is tried once.
    """
    refusal = ""
    while True:
        request = CodeRequest(device.serial, device.profile, refusal)
        code, asked = _code(request, device, interaction)
        if not _is_code(code):
            if not asked:
                raise XswitchError("that is no MFA code", "it is the 6 digits that the device shows now")
            refusal = "a code is 6 digits"
            continue
        try:
            return call(code)
        except botocore.exceptions.ClientError as error:
            if not is_wrong_code(error):
                raise
            if not asked:
                text = f"AWS did not take the MFA code for {printable(device.profile)}"
                refused = XswitchError(text, "each code works once: wait for the next one of the device")
                refused.raw = said_by(error)
                raise refused from error
            refusal = "AWS did not take that code; each one works once, so wait for the next"


def is_wrong_code(error: botocore.exceptions.ClientError) -> bool:
    """Tell whether AWS refused a call for the MFA code in it, and not for the device."""
    message = str(error.response.get("Error", {}).get("Message"))
    return error_code(error) == "AccessDenied" and "invalid MFA one time pass code" in message


def _code(request: CodeRequest, device: MfaDevice, interaction: Interaction) -> tuple[str, bool]:
    """Return a code, and whether a person was asked for it."""
    if interaction.mfa_token:
        code, interaction.mfa_token = interaction.mfa_token, ""  # each code works once
        return _without_blanks(code), False
    if device.process:
        interaction.say(
            f"running the mfa_process of {printable(device.profile)}; touch the device if it waits"
        )
        return _printed_by(device, interaction), False
    return _without_blanks(interaction.ask_code(request)), True


def _printed_by(device: MfaDevice, interaction: Interaction) -> str:
    """Return the code that `mfa_process` prints, alone or as the last word.

    As `credential_process`, it is split into words and run without a shell. It ends with the patience of
    the user.
    """
    name = printable(device.profile)
    try:
        process = subprocess.Popen(
            shlex.split(device.process or ""),
            env=asking(device.serial),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if interaction.on_terminal else subprocess.DEVNULL,  # may be drawn on
        )
    except (OSError, ValueError, IndexError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a command line"
        raise XswitchError(f"the mfa_process of {name} cannot be run: {reason}", "correct it there") from None
    with process:
        try:
            printed = _output_of(process, interaction)
        finally:
            process.kill()
    if printed is None:
        raise XswitchError(f"the mfa_process of {name} printed no code for two minutes")
    if process.returncode:
        text = f"the mfa_process of {name} failed (exit status {process.returncode})"
        raise XswitchError(text, "run it by hand to see why")
    words = printed.decode("utf-8", "replace").split()
    # Devices write it with a blank too: 123 456.
    return "".join(words) if _is_code("".join(words)) else (words or [""])[-1]


def _output_of(process: subprocess.Popen[bytes], interaction: Interaction) -> bytes | None:
    """Return what a process prints until it ends, None where that takes too long.

    What it leaves running may hold the pipe; that is not waited for.
    """
    printed, at_end = b"", False
    descriptor = process.stdout.fileno() if process.stdout else -1
    ends = time.monotonic() + _PROCESS_SECONDS
    while time.monotonic() < ends:
        ended = process.poll() is not None  # asked first: all that it printed is in the pipe then
        if not at_end and select.select([descriptor], [], [], 0 if ended else _STEP)[0]:
            more = os.read(descriptor, _MOST)
            printed, at_end = printed + more, not more
            if len(printed) > _MOST:
                raise XswitchError("the mfa_process prints more than a code", "run it by hand to see what")
        elif ended:
            return printed
        interaction.pause(_STEP if at_end else 0)
    return None


def _without_blanks(code: str) -> str:
    return "".join(code.split())


def _is_code(code: str) -> bool:
    return len(code) == 6 and code.isascii() and code.isdecimal()
