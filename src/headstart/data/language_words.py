"""The commonest small words of languages that are written in Latin letters.

A word may stand in several: a text is judged by all of its words. `headstart.data.languages` counts them.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "en": "a the of and to in is that for it with as was on be by this are at from or an have not "
        "you which they but can all has will your my we its their been there what when how i "
        "into using use",
        "de": "der die und das in den von zu ist mit des für auf dem nicht ein eine als auch es an "
        "werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über so zum "
        "war haben nur oder aber vor zur ich wir mein meine ihre bitte kein keine wenn kann",
        "fr": "de la le et les des en un du une que est pour qui dans par plus pas au sur ne se ce il "
        "sont avec son aux ou je vous nous mais cette leur être ont c'est d'une d'un ces",
        "es": "de la que el en y a los del se las por un para con no una su al lo como más pero sus "
        "le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde es "
        "son fue",
        "it": "di e il la che in a per è un del non una i le con si da della al sono dei come lo nel "
        "più alla gli anche ma ha delle su dal o questo mi ci degli nella",
        "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi "
        "ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela são "
        "você",
        "nl": "de van een het en in is dat op te zijn met voor niet aan er om ook als bij dan maar "
        "door naar uit wordt nog deze heeft worden hij kan geen ik je zo over was of die dit",
        "pl": "w i na z do się nie jest to że o jak po co za od ale przez dla był tym są tego przy "
        "lub oraz może już tylko być czy ten te jego który która które ze",
        "tr": "ve bir bu için ile de da olarak çok daha gibi olan var ne kadar ama sonra en o her ki "
        "mi değil veya ben ya hem ise diye şey",
        "sv": "och i att det som en på är av för med den till inte har de om ett han men var jag sig "
        "från vi så kan när år under också efter eller nu sin där",
        "da": "og i at det er en til af på som for med de den ikke har der et han men var jeg sig fra "
        "vi så kan når om også efter eller nu være blev dette hvis",
        "no": "og i det er en til av på som for med de den ikke har et han men var jeg seg fra vi så "
        "kan når om også etter eller nå være ble dette hvis å",
        "fi": "ja on ei se että oli mutta kun hän myös tai ole kuin niin jos sen voi ovat joka mukaan "
        "sekä vain ovat olla siitä kanssa jotka sitä ja",
        "cs": "a se na v je to že s z do i o k ve pro za by ale jako které po jsou od který která "
        "však byl jeho nebo při být není jsem podle až",
        "sk": "a sa na v je to že s z do i o k vo pre za by ale ako ktoré po sú od ktorý ktorá však "
        "bol jeho alebo pri byť nie som podľa až",
        "hu": "a az és hogy nem is egy van meg ez de volt már csak mint azt ha még el sem vagy lehet "
        "nagyon ki mi ezt kell",
        "ro": "și de la în a cu pe că nu din pentru este care mai o un au ce fi sunt se să sau dar "
        "după prin lui între al ale fost",
        "ca": "de la que i el en a les per un els una amb del no és al com més però són va o seu "
        "aquest també ha dels pel seva hi",
        "hr": "i je u na da se za su od s koji ne što o to kao iz bi koja ili će ali su do biti sam "
        "više samo",
        "sl": "in je v na da se za so od ki ne s o to kot iz bi tudi ali pa po do bil še pri ter z",
        "et": "ja on ei et see oli ka kui ning mis oma aga või tema ta siis kes olid selle veel",
        "lv": "un ir ar no par uz ka kas tas arī vai pie kā to bet nav lai pēc šo",
        "lt": "ir yra į su kad iš tai bet kaip už ar apie buvo jo nuo jau dar tik per po",
        "vi": "và của là có được cho không các trong một với những để này đã người từ khi đến về như nhưng",
        "id": "yang dan di ini untuk dengan dari tidak dalam akan pada itu ke adalah juga atau bisa "
        "ada saya oleh sudah tersebut karena",
    }.items()
}
