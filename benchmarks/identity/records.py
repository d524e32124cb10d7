"""What five sources know of a person: each shows other fields, older or newer, with its own mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeVar

from benchmarks.identity import mess, words

if TYPE_CHECKING:
    from benchmarks.identity.people import Person

T = TypeVar("T")

BOX_OFFICE_MAIL = "billett@scenen.example.no"
BOX_OFFICE_PHONES = ("22 40 50 60", "22405060", "+47 22 40 50 60")
_BOX = (
    "gmail.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "live.no",
    "online.no",
    "yahoo.no",
    "getmail.no",
)
_BOXES = {
    "NO": _BOX, "FI": ("gmail.com", "hotmail.com", "luukku.com"),
    "DK": ("gmail.com", "hotmail.com", "live.dk", "mail.dk", "icloud.com"),
    "SE": ("gmail.com", "hotmail.com", "telia.com", "live.se", "icloud.com"),
    "NL": ("gmail.com", "hotmail.com", "ziggo.nl", "kpnmail.nl", "live.nl", "xs4all.nl"),
}  # fmt: skip
_NO_MAIL = (
    "noreply@scenen.example.no",
    "test@test.no",
    "ukjent@ukjent.no",
    "ingen@epost.no",
    "noreply@noreply.no",
)
_NO_PHONE = ("00000000", "12345678", "99999999", "11111111", "0", "-1")
_NO_BIRTH = ("1900-01-01", "1970-01-01", "01.01.1900")
_HANDLES = "sol stjerne fisk hest ulv teater opera fjell hav sky tiger bok kaffe musikk blomst drage".split(
    " "
)

SHOWN = (
    "customer_number", "club_card", "given_name", "family_name", "full_name", "email", "phone", "street",
    "postal_code", "city", "country", "birth_date", "birth_year", "gender",
)  # fmt: skip


@dataclass(slots=True)
class Look:
    """How a person gives himself to one source at one time: the raw values before slips."""

    given: str
    family: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    born: str


def contacts(rng: Random, person: Person, home: list[Person], taken: set[str]) -> None:
    """Fills in e-mail addresses and telephones. Small children have those of a parent."""
    if person.born[0] > 2012 and len(home) > 1:
        parent = home[rng.randrange(2)]
        person.emails, person.phones = parent.emails[-1:], parent.phones[-1:]
        return
    person.emails = [private_mail(rng, person, taken)]
    if rng.random() < 0.38:
        person.emails.insert(0, private_mail(rng, person, taken))
    if rng.random() < 0.22 and 1950 < person.born[0] < 2002:
        person.emails.append(work_mail(rng, person, taken))
    person.phones = [mobile(rng, person.country)]
    if rng.random() < 0.14:
        person.phones.insert(0, mobile(rng, person.country))


def private_mail(rng: Random, person: Person, taken: set[str]) -> str:
    given, family = _letters(person.given.split(" ")[0]), _letters(person.family[-1])
    year = f"{person.born[0] % 100:02d}"
    local = rng.choice(
        (f"{given}.{family}", f"{given}.{family}", f"{given}{family}", f"{given[0]}.{family}",
         f"{given}{year}", f"{family}.{given}", f"{given}_{family}", f"{given}{family[0]}{year}",
         f"{given}.{family}{year}", f"{rng.choice(_HANDLES)}{given}",
         f"{rng.choice(_HANDLES)}{rng.choice(_HANDLES)}{rng.randint(1, 99)}")
    )  # fmt: skip
    return _free(rng, local, rng.choice(_BOXES[person.country]), taken)


def work_mail(rng: Random, person: Person, taken: set[str]) -> str:
    """Mostly one's own; some give the company's common mailbox, as their colleagues do."""
    domain = f"{rng.choice(words.COMPANIES)}{rng.randint(1, 400)}.{person.country.lower()}"
    if rng.random() < 0.12:
        return f"post@{domain}"
    given, family = _letters(person.given.split(" ")[0]), _letters(person.family[-1])
    return _free(rng, rng.choice((f"{given}.{family}", f"{given[0]}{family}", given)), domain, taken)


def family_mailbox(rng: Random, person: Person, taken: set[str]) -> str:
    local = rng.choice(("familien{}", "fam.{}", "{}familie", "{}5", "post.{}")).format(
        _letters(person.family[-1])
    )
    return _free(rng, local, rng.choice(_BOXES[person.country]), taken)


def _free(rng: Random, local: str, domain: str, taken: set[str]) -> str:
    found = f"{local}@{domain}"
    while found in taken:
        found = f"{local}{rng.randint(1, 9999)}@{domain}"
    taken.add(found)
    return found


def _letters(name: str) -> str:
    low = (
        name.lower()
        .replace("ø", "o")
        .replace("å", "a")
        .replace("æ", "ae")
        .replace("ö", "o")
        .replace("ä", "a")
    )
    return "".join(c for c in low if "a" <= c <= "z") or "x"


def mobile(rng: Random, country: str) -> str:
    """National number without its trunk zero."""
    if country == "NO":
        return rng.choice(("4", "9")) + f"{rng.randrange(10**6, 10**7)}"
    if country == "DK":
        return rng.choice(("2", "30", "31", "40", "50", "60"))[:1] + f"{rng.randrange(10**6, 10**7)}"
    if country == "FI":
        return rng.choice(("40", "50")) + f"{rng.randrange(10**6, 10**7)}"
    lead = rng.choice(("70", "72", "73", "76")) if country == "SE" else "6" + rng.choice("12345")
    return lead + f"{rng.randrange(10**6, 10**7)}"


def landline(rng: Random, country: str) -> str:
    lead = {"NO": "22", "DK": "33", "SE": "8", "FI": "9", "NL": "20"}[country]
    return lead + f"{rng.randrange(10**5, 10**6) if country in ('NO', 'DK') else rng.randrange(10**6, 10**7)}"


def of(
    rng: Random, person: Person, home: list[Person], number: Callable[[int], str]
) -> list[tuple[str, ...]]:
    """All records of one person, without the id. Children rarely leave any."""
    child = person.born[0] > 2010
    if child and rng.random() < 0.6:
        return []
    found = []
    if rng.random() < 0.75:
        found.append(_ticketing(rng, person, home, number(10**6)))
        if rng.random() < 0.12:
            found.append(_ticketing(rng, person, home, number(10**6)))
    if person.club_card:
        found.append(_club(rng, person, home))
    if child:
        return found
    if rng.random() < 0.28:
        found += [_shop(rng, person, home) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    if rng.random() < 0.24:
        found += [_till(rng, person, home) for _ in range(rng.choice((1, 1, 2)))]
    if rng.random() < 0.26:
        found.append(_newsletter(rng, person, home))
    return found


def _look(rng: Random, person: Person, home: list[Person]) -> Look:
    """Older records show older names, addresses and mailboxes; some borrow a relative's."""
    address = _one_of(rng, person.addresses)
    giver = rng.choice(home) if len(home) > 1 and rng.random() < 0.05 else person
    return Look(
        _given(rng, person.given), _one_of(rng, person.family), _mail(rng, giver), _phone(rng, giver),
        _street(rng, address.street), address.postal_code, address.city, _born(rng, person),
    )  # fmt: skip


def _one_of(rng: Random, values: Sequence[T]) -> T:
    """The newest in seven of ten cases."""
    return values[-1] if len(values) == 1 or rng.random() < 0.7 else rng.choice(values)


def _given(rng: Random, given: str) -> str:
    first, _, second = given.partition(" ")
    chance = rng.random()
    if chance < 0.05:
        return words.NICKNAMES.get(first, given)
    if chance < 0.09:
        return f"{first[0]}." if rng.random() < 0.5 else first[0]
    if second:
        return rng.choice((given, given, first, first, f"{first}-{second}", f"{first} {second[0]}.", second))
    return mess.slip(rng, given) if chance > 0.95 else given


def _family(rng: Random, family: str) -> str:
    chance = rng.random()
    if chance > 0.94:
        return mess.slip(rng, family)
    if " " in family and chance < 0.3:
        return rng.choice((family.title(), family.rsplit(" ", 1)[1], family.replace("van der", "v.d.")))
    return family


def _mail(rng: Random, person: Person) -> str:
    chance = rng.random()
    if chance < 0.009:
        return rng.choice(_NO_MAIL)
    mail = _one_of(rng, person.emails)
    if chance > 0.975:
        local, _, domain = mail.partition("@")
        return f"{mess.slip(rng, local)}@{domain}"
    return mess.case(rng, mail) if chance < 0.08 else mail


def _phone(rng: Random, person: Person) -> str:
    chance = rng.random()
    if chance < 0.018:
        return rng.choice(_NO_PHONE)
    number = _one_of(rng, person.phones)
    return mess.wrong_digit(rng, number) if chance > 0.975 else number


def _street(rng: Random, street: str) -> str:
    chance = rng.random()
    if chance < 0.25:
        return mess.street(rng, street)
    return mess.slip(rng, street) if chance > 0.96 else street


def _born(rng: Random, person: Person) -> str:
    chance = rng.random()
    if chance < 0.03:
        return rng.choice(_NO_BIRTH)
    text = mess.date(rng, *person.born)
    return mess.wrong_digit(rng, text) if chance > 0.985 else text


def _telephone(rng: Random, number: str, country: str, abroad: bool) -> str:
    return number if number in _NO_PHONE or not number else mess.phone(rng, number, country, abroad)


def _names(rng: Random, look: Look, whole: float) -> tuple[str, str, str]:
    """(given, family, full): in one field with probability `whole`, at times the wrong way round."""
    given, family = look.given, _family(rng, look.family)
    chance = rng.random()
    if chance < 0.10:
        given, family = mess.plain_letters(rng, given), mess.plain_letters(rng, family)
    elif chance < 0.13:
        given, family = mess.case(rng, given), mess.case(rng, family)
    elif chance > 0.985:
        given, family = family, given
    if rng.random() >= whole:
        return given, family, ""
    return "", "", f"{family}, {given}" if rng.random() < 0.12 else f"{given} {family}"


def _row(person: Person, source: str, **shown: str) -> tuple[str, ...]:
    return (source, *(shown.get(name, "") for name in SHOWN), f"{person.number}", f"{person.household}")


def _ticketing(rng: Random, person: Person, home: list[Person], customer: str) -> tuple[str, ...]:
    look = _look(rng, person, home)
    given, family, full = _names(rng, look, 0.04)
    shown = {
        "customer_number": customer, "given_name": given, "family_name": family, "full_name": full,
        "country": person.country,
    }  # fmt: skip
    if rng.random() < 0.9:
        shown["email"] = BOX_OFFICE_MAIL if rng.random() < 0.012 else look.email
    if rng.random() < 0.7:
        shown["phone"] = _telephone(rng, look.phone, person.country, False)
    if rng.random() < 0.4:
        shown |= {"street": look.street, "postal_code": look.postal_code, "city": look.city}
    if rng.random() < 0.08:
        shown["birth_year"] = f"{person.born[0]}"
    if rng.random() < 0.3:
        shown["club_card"] = person.club_card
    return _row(person, "ticketing", **shown)


def _club(rng: Random, person: Person, home: list[Person]) -> tuple[str, ...]:
    look = _look(rng, person, home)
    given, family, _full = _names(rng, look, 0)
    shown = {
        "club_card": person.club_card,
        "given_name": given,
        "family_name": family,
        "country": person.country,
    }
    if rng.random() < 0.9:
        shown["birth_date"] = look.born
    if rng.random() < 0.9:
        shown |= {"street": look.street, "postal_code": look.postal_code, "city": look.city}
    if rng.random() < 0.75:
        shown["email"] = look.email
    if rng.random() < 0.7:
        shown["phone"] = _telephone(rng, look.phone, person.country, False)
    if rng.random() < 0.8:
        shown["gender"] = "K" if person.female else "M"
    return _row(person, "club", **shown)


def _shop(rng: Random, person: Person, home: list[Person]) -> tuple[str, ...]:
    look = _look(rng, person, home)
    given, family, full = _names(rng, look, 0.5)
    shown = {
        "given_name": given, "family_name": family, "full_name": full, "email": look.email,
        "street": look.street, "postal_code": look.postal_code, "city": look.city, "country": person.country,
    }  # fmt: skip
    if rng.random() < 0.5:
        shown["phone"] = _telephone(rng, look.phone, person.country, False)
    return _row(person, "shop", **shown)


def _till(rng: Random, person: Person, home: list[Person]) -> tuple[str, ...]:
    """What the clerk wrote: a name and a telephone, or the box office's own."""
    look = _look(rng, person, home)
    look.family = mess.plain_letters(rng, look.family) if rng.random() < 0.3 else look.family
    given, family, full = _names(rng, look, 0.7)
    if rng.random() < 0.08:
        given, full = "", family or look.family
        family = ""
    shown = {"given_name": given, "family_name": family, "full_name": full}
    if rng.random() < 0.78:
        shown["phone"] = _telephone(rng, look.phone, person.country, person.country != "NO")
    elif rng.random() < 0.15:
        shown["phone"] = rng.choice(BOX_OFFICE_PHONES)
    if rng.random() < 0.12:
        shown["email"] = BOX_OFFICE_MAIL if rng.random() < 0.2 else look.email
    if rng.random() < 0.25:
        shown |= {"postal_code": look.postal_code, "city": look.city}
    return _row(person, "till", **shown)


def _newsletter(rng: Random, person: Person, home: list[Person]) -> tuple[str, ...]:
    look = _look(rng, person, home)
    shown = {"email": look.email}
    chance = rng.random()
    if chance < 0.25:
        shown["given_name"] = look.given
    elif chance < 0.45:
        shown["given_name"], shown["family_name"], shown["full_name"] = _names(rng, look, 0.3)
    if rng.random() < 0.1:
        shown["postal_code"] = look.postal_code
    return _row(person, "newsletter", **shown)
