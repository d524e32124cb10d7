"""What a form asks, in which words, and how it looks: `FormVersion.spec` as typed data.

    {"locales": {"nb": {"heading", "intro", "submit", "privacy", "withdrawal", "thanks", "optout",
                        "controls": [{"text": ConsentText id, "label", "yes", "no"}]}},
     "layout": {…the fields of `Layout`…}}

`read` takes what was stored or sent and says of everything that is wrong where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, cast

from django.utils.translation import gettext as _

from consent.models import ConsentText
from consent.models.asking import Channel

LANGUAGES = ("nb", "da", "sv", "nl", "de", "en")
COLLECTED = (Channel.EMAIL, Channel.SMS, Channel.PHONE)
"""Channels whose address a form can ask for."""
MOST_CONTROLS = 8
MOST_TEXT = 2000

CHOICES: Mapping[str, tuple[str, ...]] = {
    "order": ("question_first", "contact_first"),
    "answers": ("yes_first", "no_first"),
    "yes_style": ("filled", "outline", "link"),
    "no_style": ("filled", "outline", "link"),
    "no_place": ("beside", "settings"),
    "phone": ("no", "optional", "required"),
    "withdrawal": ("link", "sign_in", "letter"),
    "optout": ("none", "control", "notice"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of a spec that cannot be used. `where` is a path such as `nb.controls.1.text`."""

    where: str
    message: str


class Unusable(ValueError):
    """A spec that is no form; `problems` say what is wrong where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each.where}: {each.message}" for each in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One thing that is asked, bound to the registered words `text` (an id).

    `yes` and `no` are the answers' labels where the text's control offers both.
    """

    text: int
    label: str = ""
    yes: str = ""
    no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. `withdrawal` says how a yes is taken back, `optout` is the customer's no."""

    heading: str = ""
    intro: str = ""
    submit: str = ""
    privacy: str = ""
    withdrawal: str = ""
    thanks: str = ""
    optout: str = ""
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the form looks and what else it asks. Some choices are dark patterns, which `linter` stops.

    `split`: an own control for every channel and purpose of a text. `withdrawal`: the way in
    which a yes is taken back (`link`: the preference centre, one click from every message).
    `optout`: where a customer can say no to offers like what was bought.
    """

    order: str = "question_first"
    answers: str = "yes_first"
    yes_style: str = "filled"
    no_style: str = "filled"
    no_place: str = "beside"
    split: bool = False
    preselected: bool = False
    required: bool = False
    name: bool = False
    phone: str = "no"
    birth_date: bool = False
    guardian: bool = False
    withdrawal: str = "link"
    optout: str = "none"


@dataclass(frozen=True, slots=True)
class Ask:
    """One control as it stands on the page: what a yes to it gives. `name` is its field's."""

    name: str
    control: Control
    text: ConsentText
    purposes: tuple[str, ...]
    channels: tuple[str, ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(purpose, channel) for purpose in self.purposes for channel in self.channels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    locales: Mapping[str, Words] = field(default_factory=dict)
    layout: Layout = Layout()

    def words(self, locale: str, fallback: str = "") -> tuple[str, Words]:
        """The language asked for, else the form's own, else the first there is."""
        for code in (locale, fallback, *self.locales):
            if code in self.locales:
                return code, self.locales[code]
        raise Unusable([Problem("locales", _("The form has no language yet."))])

    def text_ids(self) -> set[int]:
        return {control.text for words in self.locales.values() for control in words.controls}

    def asks(self, locale: str, texts: Mapping[int, ConsentText]) -> list[Ask]:
        """The controls of one language in their order; split ones one by one."""
        found: list[Ask] = []
        for number, control in enumerate(self.locales[locale].controls):
            found += _asks(f"ask{number}", control, texts[control.text], self.layout.split)
        return found

    def channels(self, locale: str, texts: Mapping[int, ConsentText]) -> set[str]:
        return {channel for ask in self.asks(locale, texts) for channel in ask.channels}


def _asks(name: str, control: Control, text: ConsentText, split: bool) -> Iterator[Ask]:
    if not split:
        yield Ask(name, control, text, tuple(text.purposes), tuple(text.channels))
        return
    for purpose in text.purposes:
        for channel in text.channels:
            yield Ask(f"{name}-{purpose}-{channel}", control, text, (purpose,), (channel,))


def read(raw: object) -> Spec:
    """The spec that was stored or sent. Raises `Unusable`."""
    problems: list[Problem] = []
    given = _mapping(raw, "spec", problems)
    locales = {
        code: _words(words, code, problems)
        for code, words in _mapping(given.get("locales", {}), "locales", problems).items()
    }
    problems += [
        Problem(code, _("Forms speak %(languages)s.") % {"languages": ", ".join(LANGUAGES)})
        for code in locales
        if code not in LANGUAGES
    ]
    layout = _layout(given.get("layout", {}), problems)
    if problems:
        raise Unusable(problems)
    return Spec(locales=locales, layout=layout)


def write(spec: Spec) -> dict[str, Any]:
    """As it is stored."""
    return {
        "locales": {code: asdict(words) for code, words in spec.locales.items()},
        "layout": asdict(spec.layout),
    }


def _mapping(raw: object, where: str, problems: list[Problem]) -> dict[str, Any]:
    if isinstance(raw, dict):
        return cast(dict[str, Any], raw)
    problems.append(Problem(where, _("Names and values are expected here.")))
    return {}


def _words(raw: object, code: str, problems: list[Problem]) -> Words:
    given = _mapping(raw, code, problems)
    texts = {
        each.name: _text(given.get(each.name, ""), f"{code}.{each.name}", problems)
        for each in fields(Words)
        if each.name != "controls"
    }
    listed = given.get("controls", [])
    if not isinstance(listed, list | tuple) or len(listed) > MOST_CONTROLS:
        problems.append(Problem(f"{code}.controls", _("At most %(n)s questions.") % {"n": MOST_CONTROLS}))
        listed = []
    controls = [_control(each, f"{code}.controls.{n}", problems) for n, each in enumerate(listed)]
    return Words(**texts, controls=tuple(controls))


def _control(raw: object, where: str, problems: list[Problem]) -> Control:
    given = _mapping(raw, where, problems)
    text = given.get("text")
    if not isinstance(text, int) or isinstance(text, bool):
        problems.append(Problem(f"{where}.text", _("Choose the registered words.")))
        text = 0
    labels = {
        name: _text(given.get(name, ""), f"{where}.{name}", problems) for name in ("label", "yes", "no")
    }
    return Control(text=text, **labels)


def _layout(raw: object, problems: list[Problem]) -> Layout:
    given = _mapping(raw, "layout", problems)
    known = {each.name: each.default for each in fields(Layout)}
    unknown = sorted(given.keys() - known.keys())
    problems += [Problem(f"layout.{name}", _("No such choice.")) for name in unknown]
    chosen: dict[str, Any] = {}
    for name in given.keys() & known.keys():
        value = given[name]
        fine = value in CHOICES[name] if name in CHOICES else isinstance(value, bool)
        if fine:
            chosen[name] = value
        else:
            problems.append(Problem(f"layout.{name}", _("Not one of the choices.")))
    return Layout(**chosen)


def _text(raw: object, where: str, problems: list[Problem]) -> str:
    if isinstance(raw, str) and len(raw) <= MOST_TEXT and "\x00" not in raw:
        return raw.strip()
    problems.append(Problem(where, _("A text of at most %(n)s characters.") % {"n": MOST_TEXT}))
    return ""


def problems_with(spec: Spec, texts: Mapping[int, ConsentText]) -> list[Problem]:
    """What keeps a well-formed spec from being shown: missing words, texts that do not fit together."""
    if not spec.locales:
        return [Problem("locales", _("Add a language."))]
    found: list[Problem] = []
    for code, words in spec.locales.items():
        found += _missing(code, words)
        for number, control in enumerate(words.controls):
            found += _misfits(f"{code}.controls.{number}", control, texts.get(control.text), words, spec)
    if not found and len({_asked(spec, code, texts) for code in spec.locales}) > 1:
        found.append(Problem("locales", _("Every language must ask for the same purposes and channels.")))
    return found


def _missing(code: str, words: Words) -> Iterator[Problem]:
    for name, told in (
        ("heading", _("A heading is missing.")),
        ("submit", _("The button needs a word.")),
    ):
        if not getattr(words, name):
            yield Problem(f"{code}.{name}", told)
    if not words.controls:
        yield Problem(f"{code}.controls", _("Nothing is asked yet."))


def _misfits(
    where: str, control: Control, text: ConsentText | None, words: Words, spec: Spec
) -> Iterator[Problem]:
    if text is None:
        yield Problem(f"{where}.text", _("These words are not registered here."))
        return
    if text.control == ConsentText.Control.ORAL:
        yield Problem(f"{where}.text", _("These words are for asking aloud."))
    if not text.purposes or not set(text.channels) <= set(COLLECTED) or not text.channels:
        yield Problem(f"{where}.text", _("A form can ask for e-mail, SMS and phone calls only."))
    if text.control == ConsentText.Control.BUTTON and (len(words.controls) > 1 or spec.layout.split):
        yield Problem(f"{where}.text", _("Buttons can answer one question only; use yes or no instead."))
    if text.control != ConsentText.Control.UNTICKED_BOX and not control.yes:
        yield Problem(f"{where}.yes", _("The yes needs a label."))


def _asked(spec: Spec, code: str, texts: Mapping[int, ConsentText]) -> tuple[Any, ...]:
    controls = spec.locales[code].controls
    return tuple(
        (tuple(sorted(text.purposes)), tuple(sorted(text.channels)))
        for text in (texts[control.text] for control in controls)
    )
