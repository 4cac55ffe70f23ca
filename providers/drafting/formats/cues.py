"""What people say when a meeting decides something or gives somebody a task: Russian, Ukrainian, English."""

from __future__ import annotations

import re

DECISION = re.compile(
    r"\b(?:реши(?:ли|м)\b|решено\b|договорились|утвержда(?:ем|ю)|утвердили|принят[оа]? решение"
    r"|приняли решение|принимаем решение|постанов(?:или|ляем)|согласовали|единогласно"
    r"|вирішили|вирішено|домовилися|домовились|затвердили|затверджуємо|ухвалили|ухвалено|погодили|одноголосно"
    r"|we (?:have )?decided|it (?:is|was) decided|we (?:have )?agreed|agreed that|approved?\b|resolved that)",
    re.IGNORECASE,
)
#: Somebody is told to do something …
TOLD = re.compile(
    r"\b(?:поруч(?:аем|аю|ить|или|ено)|прошу (?:вас |тебя )?\w+(?:ить|ать|еть|сти)|отвечает за"
    r"|ответственн(?:ый|ая)|(?:должен|должна|должны) (?:\w+ )?\w+(?:ть|ти)\b|пусть \w+|возьм(?:ёт|ет|ите)"
    r"|доруча(?:ю|ємо)|доручили|доручено|прошу (?:вас )?\w+(?:ити|ати|іти)|відповідає за|відповідальн(?:ий|а)"
    r"|(?:має|мусить|мають) \w+ти\b|нехай \w+|хай \w+"
    r"|(?:will|should|must|needs? to) (?:prepare|send|check|write|call|finish|do|take|find|make|collect)\b"
    r"|please (?:prepare|send|check|write|call|finish|find|make|collect)\b|is responsible for|action item)",
    re.IGNORECASE,
)
#: … or takes it upon themselves.
OWN = re.compile(
    r"\b(?:я (?:\w+ )?(?:подготовлю|сделаю|отправлю|пришлю|напишу|позвоню|проверю|узнаю|возьму|соберу|закончу"
    r"|передам|доделаю|составлю|найду|свяжусь)|возьму на себя"
    r"|я (?:\w+ )?(?:підготую|зроблю|надішлю|напишу|зателефоную|перевірю|дізнаюся|візьму|зберу"
    r"|закінчу|передам|складу|знайду|зв'яжуся)|візьму на себе"
    r"|i(?:'ll| will) (?:\w+ )?(?:prepare|send|check|write|call|finish|do|take|find|make|collect))\b",
    re.IGNORECASE,
)
_DAYS = (
    r"понедельник\w*|вторник\w*|сред[уы]|четверг\w*|пятниц\w+|суббот\w+|воскресень\w+"
    r"|понеділ\w+|вівтор\w+|серед[иу]|четвер\w*|п['’ʼ]ятниц\w+|субот\w+|неділ\w+"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_MONTHS = (
    r"январ\w+|феврал\w+|март\w*|апрел\w+|ма[яйю]|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+|ноябр\w+|декабр\w+"
    r"|січн\w+|лют\w+|березн\w+|квітн\w+|травн\w+|червн\w+|липн\w+|серпн\w+|вересн\w+|жовтн\w+|листопад\w*|грудн\w+"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
)
_ENDS = (
    r"конца (?:\w+ )?(?:дня|недели|месяца|квартала|года)|кінця (?:\w+ )?(?:дня|тижня|місяця|кварталу|року)"
    r"|(?:the )?end of (?:the )?(?:day|week|month|quarter|year)"
)
DUE = re.compile(
    rf"\b(?:(?:до|к|по|ко|by|until|before|on)\s+(?:{_ENDS}|(?:следующ\w+ |наступн\w+ |next )?(?:{_DAYS})"
    rf"|\d{{1,2}}(?:-?го)? (?:{_MONTHS})|(?:\w+ ){{1,2}}(?:{_MONTHS})|(?:{_MONTHS})(?: \d{{1,2}})?|завтра"
    rf"|завтрашн\w+ \w+)|(?:во?|у) (?:{_DAYS})|завтра|послезавтра|післязавтра|сегодня|сьогодні"
    rf"|tomorrow|today|next week|на (?:следующей|этой) неделе|наступного тижня|цього тижня)",
    re.IGNORECASE,
)
