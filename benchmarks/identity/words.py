"""Names, streets and towns of Norway, Denmark, Sweden, Swedish Finland and the Netherlands.

Lists are in falling frequency, roughly as the statistical offices publish them. The long
tail of family names is put together as the countries themselves did: farm names, two-word
nature names, van der with a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

FEMALE = {
    "NO": (
        "Anne Inger Kari Marit Ingrid Liv Eva Astrid Maria Hanne Ida Bjørg Nina Anna Hilde Berit Elisabeth "
        "Silje Gerd Randi Kristin Marianne Bente Emma Ragnhild Nora Heidi Anita Unni Else Sara Julie Tone "
        "Solveig Ellen Mona Maja Camilla Linda Sofie Turid Wenche Grete Thea Sissel Emilie Laila Lene Monica "
        "Torill Kristine Åse Karin Ruth Siri Sigrid Stine Anette Mari Karoline Aud Malin Vilde Frida Amalie "
        "Tonje Line Jorunn Cecilie Helene Hege Andrea Oda Tuva Hedda Rita Merete Lise Trine Gunn Reidun Gro "
        "Aurora Selma Eline Jenny Synnøve Vigdis Mathilde Ane Ingeborg Guro Bodil Kirsten Live Ella Sunniva "
        "Katrine Bjørk Ylva Eirin Oddny Aslaug Torunn Mia Leah Olivia Alma Ronja Pernille Benedicte Iselin "
        "Christine Charlotte Susanne Vibeke Tove Ågot Dagny Målfrid Borghild Hjørdis Margrethe Magnhild "
        "Ingvild Solfrid Elin Eli Mette Renate Therese"
    ),
    "DK": (
        "Anne Kirsten Mette Hanne Anna Helle Maria Susanne Lene Marianne Lone Camilla Inge Pia Louise Karen "
        "Bente Charlotte Tina Gitte Jette Birgit Ida Julie Inger Emma Sofie Rikke Birgitte Lis Lotte Ulla "
        "Sara Jytte Annette Line Laura Trine Ellen Else Maja Britta Bodil Signe Vibeke Christina Freja "
        "Mathilde Kirstine Caroline Dorte Heidi Ditte Lærke Clara Alma Josefine Nanna Tove Grethe Sanne "
        "Stine Mia Cecilie Astrid Karin Pernille Katrine Amalie Agnes Ella Nora Frida Åse Sidsel Merete "
        "Malene Simone Anja Nina Jane Maiken Henriette Tine Lisbeth Eva Elisabeth Ingrid Rigmor Solveig Luna "
        "Liv Isabella Victoria Filippa Asta Johanne"
    ),
    "SE": (
        "Maria Elisabeth Anna Kristina Margareta Eva Linnéa Karin Birgitta Marie Ingrid Sofia Marianne Lena "
        "Sara Kerstin Emma Johanna Katarina Viktoria Cecilia Susanne Inger Elin Monica Therese Jenny Hanna "
        "Louise Anita Irene Carina Ann Ida Linda Helena Gunilla Viola Malin Annika Ulla Elsa Josefin Matilda "
        "Sofie Anette Åsa Barbro Lisa Ellinor Caroline Julia Astrid Emelie Siv Ulrika Amanda Yvonne Camilla "
        "Agneta Lisbeth Frida Alice Rut Märta Moa Ebba Klara Wilma Maja Agnes Pernilla Agda Gun Berit Gudrun "
        "Solveig Sonja Ylva Rebecka Jessica Charlotte Mona Nina Sandra Petra Tove Stina Signe Selma Vera "
        "Saga Alva Freja Nellie Tuva Lovisa"
    ),
    "NL": (
        "Maria Johanna Anna Cornelia Elisabeth Wilhelmina Catharina Hendrika Petronella Emma Sophie Julia "
        "Anouk Lisa Eva Sanne Femke Lotte Fleur Iris Marieke Ingrid Monique Esther Linda Petra Saskia Yvonne "
        "Astrid Marloes Anneke Margriet Ellen Ineke Truus Riet Wil Greetje Janneke Hanneke Mieke Els Joke "
        "Ria Tineke Marijke Corrie Annemarie Karin Nicole Mirjam Jolanda Wendy Sandra Manon Kim Laura Lieke "
        "Noor Saar Tess Julie Roos Evi Maud Bo Floor Jasmijn Isa Nina Mila Zoë Renske Nienke Sietske Hilde "
        "Gerda Dieuwertje Willemijn Josephine Charlotte Eline Marjolein Carla Henriëtte José Trijntje "
        "Geertje Aaltje Antje Bregje"
    ),
}
MALE = {
    "NO": (
        "Jan Per Bjørn Ole Lars Kjell Knut Arne Svein Thomas Geir Tor Hans Morten Odd Martin Andreas Terje "
        "John Anders Erik Rune Trond Tore Daniel Jon Harald Kristian Marius Olav Stian Gunnar Rolf Magnus "
        "Leif Henrik Fredrik Øyvind Espen Nils Eirik Christian Jonas Einar Håkon Helge Steinar Frode Øystein "
        "Ivar Kåre Petter Kenneth Alexander Tom Stig Jørgen Johan Sverre Emil Roger Jakob Magne Kristoffer "
        "Roar Sondre Dag Alf Egil Karl Ståle Simen Tobias Håvard Vidar Sindre Ola Erling Torbjørn Mathias "
        "Sigurd Arild Oskar Filip Ragnar Lukas Reidar Finn Bjarne Vegard Even Eivind Jens Asbjørn Pål Paul "
        "Ørjan Trygve Birger Åge Gaute Halvor Oliver William Noah Jakob Aksel Isak Kasper Ludvig Theodor "
        "Iver Brage Amund Truls Endre Snorre Torstein"
    ),
    "DK": (
        "Peter Jens Michael Lars Thomas Henrik Søren Jan Christian Martin Niels Anders Morten Jesper Hans "
        "Jørgen Mads Per Ole Rasmus Erik Kim Carsten Kristian John Flemming Poul Bent Frederik Mikkel Kasper "
        "Finn Claus Torben Jacob Knud Simon Emil Andreas Steen Brian Steffen Daniel Jeppe Nikolaj Svend Kurt "
        "Karsten Oliver William Noah Lucas Oscar Victor Malthe Alfred Carl August Valdemar Magnus Anton Bo "
        "Tommy Allan Preben Mogens Leif Bjarne Ib Arne Benny Børge Kaj Gert Uffe Troels Asger Villads Elias "
        "Aksel Arthur Otto Johan Tobias Sebastian Alexander Philip Benjamin Mathias Jonas Kenneth René "
        "Dennis Ulrik Tage Viggo Åge Holger"
    ),
    "SE": (
        "Erik Lars Karl Anders Johan Per Nils Carl Mikael Jan Lennart Hans Olof Peter Gunnar Sven Fredrik "
        "Bengt Bo Daniel Gustav Göran Alexander Åke Magnus Martin Stefan Andreas John Mats Mattias Thomas "
        "Leif Ulf Henrik Björn Jonas Bertil Axel Christer Robert Stig Oskar David Viktor Emil Marcus Kjell "
        "Rolf Ingemar Håkan Patrik Christian Rickard Roger Roland Tommy Jakob Tobias Simon Joakim Robin Arne "
        "Sebastian Jonathan Filip Ingvar Kent Linus Niklas William Elias Oliver Hugo Lucas Adam Liam Albin "
        "Arvid Alvin Ludvig Edvin Isak Kenneth Börje Claes Rune Tord Torbjörn Örjan Sören Jörgen Urban Egon "
        "Vilhelm Gösta Samuel Noel Olle"
    ),
    "NL": (
        "Johannes Jan Cornelis Hendrik Willem Pieter Jacobus Gerrit Petrus Daan Bram Sem Lucas Finn Levi "
        "Thomas Peter Hans Rob Marcel Erik Kees Henk Piet Wim Gerard Theo Ruud Frank Paul Mark Martijn "
        "Jeroen Bas Tim Tom Sander Dennis Michiel Bart Joost Koen Niels Stefan Robert Richard Edwin Patrick "
        "Maarten Marco Arjan Ronald René Ben Ton Ad Jos Leo Harm Klaas Sjoerd Jelle Wouter Thijs Jasper "
        "Ruben Stijn Luuk Sven Jesse Lars Milan Max Noah Guus Mees Teun Gijs Hugo Floris Diederik Olivier "
        "Adriaan Dirk Albert Bernard Egbert Evert Geert Herman Joop Lambert Maurits Nico Otto Roel Siebe "
        "Tjeerd Wiebe Youri Bastiaan Casper Eelco"
    ),
}
FAMILY = {
    "NO": (
        "Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Johnsen Pettersen "
        "Eriksen Berg Haugen Hagen Johannessen Andreassen Jacobsen Dahl Jørgensen Halvorsen Henriksen Lund "
        "Sørensen Jakobsen Moen Gundersen Iversen Strand Svendsen Solberg Eide Martinsen Paulsen Knutsen "
        "Bakken Kristoffersen Bakke Nygård Mathisen Amundsen Lie Rasmussen Fredriksen Bøe Nguyen Lunde Berge "
        "Solheim Moe Hauge Nilssen Bråthen Myhre Ødegård Hermansen Isaksen Ruud Næss Danielsen Engen Aas "
        "Arnesen Knudsen Eliassen Holm Antonsen Christensen Vik Sæther Haugland Tangen Ellingsen Sunde "
        "Myklebust Rønning Thomassen Simonsen Abrahamsen Ali Gulbrandsen Sandvik Thorsen Edvardsen Evensen "
        "Mikkelsen Hoel Jenssen Fjeld Foss Aune Ahmed Helland Gjerde Tveit Røed Fossum Brekke Skoglund "
        "Birkeland Rise Skaar Våge Lien Vold Ness Holmen Ingebrigtsen Wold Krogh Sletten Hovland Torgersen "
        "Bråten Stene Skår Rød Løken Aasen Syversen Tollefsen"
    ),
    "DK": (
        "Nielsen Jensen Hansen Andersen Pedersen Christensen Larsen Sørensen Rasmussen Jørgensen Petersen "
        "Madsen Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen Knudsen Jakobsen "
        "Jacobsen Mikkelsen Olesen Frederiksen Laursen Henriksen Lund Holm Schmidt Eriksen Kristiansen "
        "Clausen Simonsen Svendsen Andreasen Iversen Jeppesen Mogensen Jespersen Nissen Lauridsen Frandsen "
        "Østergaard Jepsen Dahl Carlsen Kjær Vestergaard Nørgaard Lauritsen Bertelsen Søndergaard Mathiesen "
        "Bach Gregersen Bang Lassen Friis Bech Kjeldsen Krogh Ravn Steffensen Bruun Danielsen Koch Skov "
        "Winther Toft Dam Krarup Bonde Thygesen Nygaard Brandt Overgaard Villadsen Ibsen Hermansen Kruse "
        "Juhl Hedegaard Bak Holst Agerskov Bjerre Thorup"
    ),
    "SE": (
        "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson "
        "Jonsson Jansson Hansson Bengtsson Jönsson Lindberg Jakobsson Magnusson Olofsson Lindström Lindqvist "
        "Lindgren Axelsson Berg Bergström Lundberg Lind Lundgren Lundqvist Mattsson Berglund Fredriksson "
        "Sandberg Henriksson Forsberg Sjöberg Wallin Engström Eklund Danielsson Håkansson Lundin Gunnarsson "
        "Björk Bergman Holm Samuelsson Fransson Wikström Isaksson Bergqvist Arvidsson Nyström Holmberg "
        "Löfgren Söderberg Nyberg Blomqvist Claesson Mårtensson Nordström Lundström Viklund Björklund "
        "Eliasson Pålsson Hermansson Åberg Åström Ekström Öberg Hedlund Strömberg Sundberg Ström Ali "
        "Hellström Dahlberg Månsson Falk Abrahamsson Öhman"
    ),
    "NL": (
        "Jong|de Jansen Vries|de Berg|van den Dijk|van Bakker Janssen Visser Smit Meijer Boer|de Mulder "
        "Groot|de Bos Vos Peters Hendriks Leeuwen|van Dekker Brouwer Wit|de Dijkstra Smits Graaf|de Meer|van "
        "der Linden|van der Kok Jacobs Haan|de Vermeulen Heuvel|van den Veen|van der Broek|van den Bruijn|de "
        "Schouten Beek|van Willems Vliet|van Heijden|van der Verhoeven Koster Hoekstra Prins Huisman Peeters "
        "Bruin|de Kuipers Maas Gerritsen Velde|van der Wal|van der Martens Postma Timmermans Wolf|de "
        "Bosch|van den Dam|van Scholten Pol|van der Blom Bosman Dongen|van Hoek|van der Veenstra Schipper "
        "Jonge|de Kramer Evers Kuiper Sanders Vink Hermans Sluis|van der Bakel|van Bosch Driessen Koning|de "
        "Hofman Groen Lange|de Huisman Mol Zanden|van der Hoeven|van Ven|van der Rooij|van Es|van Wijk|van "
        "Laan|van der Brink|van den"
    ),
}
_TAILS = {
    "NO": (
        "Nord Sør Øst Vest Berg Lille Stor Sol Hauge Ås Eike Bjørke Fure Sand Stein Gran Løv Kvern Mo Sæter "
        "Elve Tveit "
        "Mid Lang Høy Grøn Lind Skog Vass Fugle Rogn Hassel",
        "land stad heim vik rud sæter moen bakken nes eide gård haug lien dal voll bø",
    ),
    "DK": (
        "Øster Vester Nør Sønder Lille Stor Ny Kirke Skov Bæk Mose Høj Kær Lind Ege Bøge Sand Ravn Møl Birke "
        "Hede Dal",
        "gaard bjerg holm strup lund toft bæk rup borg kjær balle sted",
    ),
    "SE": (
        "Alm Asp Berg Björk Blom Dahl Ek Fors Gran Hag Hed Holm Häll Kvist Lind Ljung Lund Löf Mal Nord Ny "
        "Palm Ros "
        "Rönn Sand Sjö Skog Sten Strand Ström Sund Söder Vall Wik Åker Ö",
        "berg ström gren lund man qvist stedt dahl blad feldt in mark bom",
    ),
    "NL": (
        "Ooster Wester Noorder Zuider Hoog Groen Nieuw Oude Klein Groot Lange Kort Bos Veld Water Steen "
        "Berg Dijk",
        "kamp huis man hof veld stra ma dam brink beek horst laar",
    ),
}
_STREETS = {
    "NO": (
        "Stor|gata Kirke|gata Skole|veien Bjørke|veien Solbakk|en Ring|veien Skog|veien Strand|veien "
        "Granli|veien Furu|veien Lille|gata Elve|gata Fjord|gata Parkveien Øvre|gata Nedre|gata Haga|veien "
        "Åsveien Myr|veien Nygårds|gata Tor|gata Dronningens|gate Kongens|gate Bakke|gata Løkke|veien "
        "Lind|veien Eike|veien Kløver|veien Sjø|gata Havne|gata Kastanje|veien Tråkka Engveien Hauge|veien "
        "Sætre|veien Mølle|veien Prestegårds|veien Øst|veien Vest|veien Kristiansands|gata Heyerdahls|gate "
        "Bjørnsons|gate Ibsens|gate Nordre|gate Søndre|gate"
    ),
    "DK": (
        "Nørre|gade Vester|gade Øster|gade Sønder|gade Skole|vej Kirke|vej Birke|vej Bøge|vej Ege|vej Sø|vej "
        "Strand|vejen Skov|vej Lærke|vej Mølle|vej Engvej Granvej Stations|vej Torve|gade Bred|gade Ny|gade "
        "Alge|gade Ros|vej Hoved|gaden Amager|brogade Fredens|gade Jernbane|gade Park|vej Lindevej Hede|vej "
        "Bakke|vej Drosselvej Solsort|vej Vibe|vej"
    ),
    "SE": (
        "Stor|gatan Kyrko|gatan Skol|gatan Ring|vägen Björk|vägen Skogs|vägen Strand|vägen Park|gatan "
        "Drottning|gatan Kungs|gatan Ny|vägen Järnvägs|gatan Ängs|vägen Lillgatan Öster|gatan Väster|gatan "
        "Norr|gatan Söder|gatan Tall|vägen Gran|vägen Ek|vägen Linné|gatan Vasa|gatan Fabriks|gatan "
        "Hamn|gatan Kvarn|gatan Bygatan Åsgatan Sjö|gatan Hag|vägen"
    ),
    "NL": (
        "Dorps|straat Kerk|straat School|straat Molen|straat Stations|weg Hoofd|straat Julianastraat "
        "Wilhelmina|laan Beatrix|straat Nieuw|straat Oranje|straat Bernhard|straat Emma|laan Raadhuis|straat "
        "Markt|straat Linden|laan Beuken|laan Eiken|laan Kastanje|laan Water|straat Haven|straat "
        "Noorder|straat Zuider|weg Rembrandt|straat Vondel|straat Spoor|straat Singel Prinsen|gracht "
        "Keizers|gracht Berken|laan Merel|straat Industrie|weg Dijk|weg Veld|weg Bos|laan "
        "Burgemeester|straat"
    ),
}
_STREET_ENDING = {"NO": "veien", "DK": "vej", "SE": "vägen", "NL": "straat"}
_TOWNS = {
    "NO": (
        "Oslo 0150-1290 40;Bergen 5003-5178 16;Trondheim 7010-7099 12;Stavanger 4005-4099 9;"
        "Drammen 3010-3048 6;Fredrikstad 1601-1679 5;Kristiansand 4608-4699 5;Tromsø 9006-9024 4;"
        "Sandnes 4306-4330 4;Ålesund 6002-6026 3;Skien 3710-3747 3;Bodø 8003-8076 3;Tønsberg 3110-3179 3;"
        "Moss 1511-1539 2;Haugesund 5501-5542 2;Hamar 2315-2326 2;Lillehammer 2605-2629 2;"
        "Molde 6402-6429 2;Arendal 4836-4849 2;Gjøvik 2815-2827 1;Harstad 9402-9411 1;"
        "Kongsberg 3602-3619 1;Halden 1763-1791 1;Bærum 1300-1369 5;Lørenskog 1461-1479 2;Ski 1400-1409 2;"
        "Florø 6900-6912 1"
    ),
    "DK": (
        "København 1050-2450 30;Aarhus 8000-8270 12;Odense 5000-5270 7;Aalborg 9000-9220 6;"
        "Esbjerg 6700-6715 3;Randers 8900-8960 3;Kolding 6000-6064 2;Horsens 8700-8740 2;"
        "Vejle 7100-7120 2;Roskilde 4000-4060 2;Helsingør 3000-3060 2;Næstved 4700-4736 1;"
        "Frederiksberg 1800-2000 5;Gentofte 2820-2900 3"
    ),
    "SE": (
        "Stockholm 11120-11860 30;Göteborg 41101-41880 18;Malmö 21115-21980 10;Uppsala 75220-75760 6;"
        "Västerås 72210-72600 4;Örebro 70210-70380 4;Linköping 58216-58960 4;Helsingborg 25220-25730 4;"
        "Jönköping 55310-55660 3;Norrköping 60210-60388 3;Lund 22220-22480 3;Umeå 90320-90750 3;"
        "Gävle 80250-80650 2;Karlstad 65224-65640 2;Strömstad 45230-45297 1"
    ),
    "FI": (
        "Helsingfors 00100-00990 10;Esbo 02100-02980 6;Åbo 20100-20900 5;Vasa 65100-65380 4;"
        "Borgå 06100-06450 2;Jakobstad 68600-68630 2;Mariehamn 22100-22150 2;Ekenäs 10600-10650 1"
    ),
    "NL": (
        "Amsterdam 1011-1109 20;Rotterdam 3011-3089 14;Den Haag 2491-2597 11;Utrecht 3511-3585 9;"
        "Eindhoven 5611-5658 5;Groningen 9711-9747 5;Tilburg 5011-5049 4;Almere 1311-1363 4;"
        "Breda 4811-4839 4;Nijmegen 6511-6546 4;Haarlem 2011-2037 4;Arnhem 6811-6846 3;Zwolle 8011-8043 3;"
        "Leiden 2311-2334 3;Maastricht 6211-6229 2;'s-Hertogenbosch 5211-5237 2"
    ),
}
NICKNAMES = {
    "Elisabeth": "Lisbeth", "Katrine": "Trine", "Kristine": "Stine", "Margrethe": "Grete", "Ingeborg": "Inga",
    "Alexander": "Alex", "Andreas": "Andy", "Kristian": "Kris", "Christian": "Chris", "Kristoffer": "Kris",
    "Mathias": "Matti", "Magnus": "Mange", "Thomas": "Tom", "Henrik": "Henke", "Fredrik": "Freddy",
    "Johannes": "Hans", "Cornelis": "Kees", "Hendrik": "Henk", "Willem": "Wim", "Pieter": "Piet",
    "Jacobus": "Koos", "Gerrit": "Ger", "Petrus": "Peter", "Wilhelmina": "Mina", "Catharina": "Trijn",
    "Hendrika": "Rika", "Petronella": "Nel", "Johanna": "Jo", "Cornelia": "Corrie", "Maria": "Mia",
    "Anna": "Annie", "Johan": "Jonte", "Lars": "Lasse", "Karl": "Kalle", "Carl": "Calle", "Gustav": "Gurra",
    "Mikael": "Micke", "Stefan": "Steffe", "Oskar": "Ossi", "Robert": "Robban", "Daniel": "Danne",
    "Jonas": "Jonte", "Bengt": "Benke", "Michael": "Mikkel", "Rasmus": "Ras", "Nikolaj": "Niko",
    "Sebastian": "Basse", "Benjamin": "Ben", "Jakob": "Jacob", "Ole": "Ola", "Bjørn": "Bjarne",
    "Marianne": "Nanne",
    "Emilie": "Emma", "Amalie": "Malie", "Karoline": "Line", "Helene": "Lene", "Cecilie": "Cille",
    "Susanne": "Sanne", "Charlotte": "Lotte", "Birgitte": "Gitte", "Margareta": "Greta", "Kristina": "Stina",
    "Birgitta": "Gitta", "Katarina": "Kata", "Viktoria": "Vicky", "Cecilia": "Cia", "Annemarie": "Annie",
    "Torbjørn": "Tobben", "Ragnhild": "Ragna", "Sebastiaan": "Bas", "Bastiaan": "Bas", "Adriaan": "Ad",
}  # fmt: skip
COMPANIES = (
    "nordvik havbruk elvia-bygg fjordtrykk lyse-regnskap aurora-it kystreise hansa-eiendom bakkeogco solvind "
    "lindholm-ark viking-transport byens-bad granberg-skole nordlys-media stavkirken-kafe oresundbyg "
    "molenaar-advies"
).split(" ")


@dataclass(frozen=True, slots=True)
class Town:
    name: str
    first: int
    last: int
    digits: int
    weight: int


@dataclass(frozen=True, slots=True)
class Country:
    """One country's words, each list in falling frequency."""

    code: str
    female: list[str]
    male: list[str]
    family: list[str]
    streets: list[str]
    towns: list[Town]


def countries() -> dict[str, Country]:
    """By ISO code. FI has Swedish names and streets."""
    return {code: _country(code, "SE" if code == "FI" else code) for code in ("NO", "DK", "SE", "FI", "NL")}


def _country(code: str, words: str) -> Country:
    heads, ends = (part.split() for part in _TAILS[words])
    tail = [head + end for head, end in product(heads, ends)]
    if words == "NL":
        tail += [f"{place}|van der" for place in tail[::5]]
    return Country(
        code, FEMALE[words].split(), MALE[words].split(), _family(FAMILY[words]) + _family(" ".join(tail)),
        _streets(words), _towns(_TOWNS[code]),
    )  # fmt: skip


def _family(text: str) -> list[str]:
    """ "Berg|van den" is written "van den Berg"."""
    found: list[str] = []
    for word in text.replace("|van den", "|van_den").replace("|van der", "|van_der").split():
        name, _, particle = word.partition("|")
        found.append(f"{particle.replace('_', ' ')} {name}".strip())
    return found


def _streets(words: str) -> list[str]:
    """Common ones first ("Kongens gate" in two words), then those named after farms and woods."""
    common = [w.replace("s|gate", "s gate").replace("|", "") for w in _STREETS[words].split()]
    heads, ends = (part.split() for part in _TAILS[words])
    return common + [f"{head}{end}{_STREET_ENDING[words]}" for head, end in product(heads, ends[::3])]


def _towns(text: str) -> list[Town]:
    found: list[Town] = []
    for line in text.split(";"):
        name, codes, weight = line.rsplit(" ", 2)
        first, last = codes.split("-")
        found.append(Town(name, int(first), int(last), len(first), int(weight)))
    return found
