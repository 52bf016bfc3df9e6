"""People who do not exist: names in the letters of a country, numbers nobody answers, notes."""

from functools import lru_cache
from random import Random

import phonenumbers

FIRST = {
    "FI": (
        "Aino Väinö Helmi Eetu Sofia Onni Eevi Leo Kerttu Oskari Päivi Jyrki Saara Elli Niilo Hilja "
        "Åke Tuuli Juhani Maija Pekka Sirpa Antti"
    ),
    "DE": (
        "Jürgen Anneliese Björn Käthe Lukas Mia Sören Änne Günter Lotte Emil Frieda Moritz Zoë Till "
        "Heike René Uwe"
    ),
    "DK": (
        "Søren Åse Jørgen Mette Kåre Signe Bjørn Freja Asger Tove Magnus Ærling Nanna Rasmus Inger Viggo Maja"
    ),
    "SE": (
        "Åsa Björn Märta Göran Elsa Östen Linnéa Hjalmar Maja Sixten Ebba Gösta Alva Nils Stina Håkan "
        "Vera Axel"
    ),
    "": (
        "Ada Noor Émile Zoë Tomás Ines Amir Lucía Chidi Mei Jonas Oona Ravi Siân Luca Freya Yusuf "
        "Hanna Kofi Marta"
    ),
}
LAST = {
    "FI": (
        "Virtanen Mäkinen Nieminen Hämäläinen Koskinen Järvinen Lehtonen Heikkilä Salminen Öhman "
        "Laaksonen Kärkkäinen Räsänen Lindström Pöllänen Jokinen Sjöberg Väisänen Tähtinen Ahola"
    ),
    "DE": (
        "Müller Schäfer Größ Weiß Krüger Vogt Jäger Böhm Winkler Haußmann Öztürk Köhler Lorenz Pfaff "
        "Seidel Bär"
    ),
    "DK": (
        "Sørensen Kjær Østergaard Mølgaard Nørgaard Holm Bæk Ågård Lund Friis Skov Dahl Brøndum Bach Krogh"
    ),
    "SE": (
        "Åkesson Öberg Sjögren Lindqvist Nyström Ekström Hägg Björk Wallén Löfgren Dahl Forsberg "
        "Blomqvist Ström"
    ),
    "": (
        "Okafor Bennett Núñez O'Brien Kowalczyk D'Amico Haddad Larsen Petit Moreau Silva Rossi Novák "
        "Chen Evans Popov"
    ),
}
NOWHERE = {
    "FI": "Olematonkatu",
    "DE": "Nirgendwostraße",
    "DK": "Ingenstedsvej",
    "SE": "Ingenstansgatan",
    "": "Nowhere Lane",
}
NOTES = (
    "Door code 4711.",
    "Ring twice, the bell is quiet.",
    "Third floor, no lift.",
    "Please call ten minutes before.",
    "Leave with the neighbour if nobody answers.",
    "Entrance through the courtyard.",
    "The dog is friendly.",
    "Reception on the ground floor takes parcels.",
    "Loading bay at the back, open until 14.",
    "Baby sleeping: knock, please.",
    "Stairwell B.",
    "Fragile: glass.",
)
# Set aside by the numbering authorities for film and print; {n} counts within the range.
FICTION = {
    "AU": ("+614915701{n:02d}", 56, 59),
    "DE": ("+493023125{n:03d}", 0, 999),
    "FR": ("+3363998{n:04d}", 0, 9999),
    "GB": ("+447700900{n:03d}", 0, 999),
    "IE": ("+3532091{n:05d}", 0, 99999),
    "SE": ("+46701740{n:03d}", 605, 699),
    "US": ("+1202555{n:04d}", 100, 199),
}


def name(country: str, dice: Random) -> str:
    """A first and a last name."""
    key = country if country in FIRST else ""
    return f"{dice.choice(FIRST[key].split())} {dice.choice(LAST[key].split())}"


def nowhere(country: str) -> str:
    """A street that no city has."""
    return NOWHERE.get(country, NOWHERE[""])


def phone(country: str, dice: Random) -> str:
    """An E.164 number of the country that reaches nobody; empty where the country is not known."""
    if country in FICTION:
        pattern, low, high = FICTION[country]
        return pattern.format(n=dice.randint(low, high))
    prefix = _unassigned(country)
    return f"{prefix}{dice.randrange(10_000):04d}" if prefix else ""


@lru_cache
def _unassigned(country: str) -> str:
    """All but four digits of numbers of the right length that the country's plan has given to nobody."""
    example = phonenumbers.example_number(country) if country else None
    if example is None:
        return ""
    length = len(str(example.national_number)) - 4
    for head in range(10**length - 1, 10 ** (length - 1), -(10 ** max(0, length - 3))):
        prefix = f"+{example.country_code}{head}"
        if all(_nobody(f"{prefix}{tail}") for tail in ("0000", "1234", "5678", "9999")):
            return prefix
    return ""


def _nobody(number: str) -> bool:
    parsed = phonenumbers.parse(number)
    return phonenumbers.is_possible_number(parsed) and not phonenumbers.is_valid_number(parsed)
