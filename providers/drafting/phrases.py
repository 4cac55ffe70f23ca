"""What the offline writer knows of talk: words that say nothing at a start, and a few words of its own."""

from __future__ import annotations

import re

FILLERS = {
    "ru": ["ну", "вот", "так", "значит", "то есть", "в общем", "в общем-то", "короче", "как бы", "типа",
           "собственно", "слушайте", "смотрите", "понимаете", "знаете", "да", "нет", "ага", "угу", "э",
           "ээ", "эм", "ой", "ладно", "хорошо", "конечно", "а", "и", "скажите", "скажите пожалуйста",
           "пожалуйста", "расскажите пожалуйста", "кстати", "ну что", "что ж", "начнём", "давайте начнём"],
    "uk": ["ну", "от", "ось", "так", "значить", "тобто", "загалом", "коротше", "як би", "типу", "власне",
           "слухайте", "дивіться", "розумієте", "знаєте", "ні", "ага", "угу", "е", "ем", "ой", "гаразд",
           "добре", "звичайно", "звісно", "а", "і", "й", "та", "скажіть", "скажіть будь ласка",
           "будь ласка", "до речі", "ну що", "що ж", "почнімо"],
    "en": ["well", "so", "okay", "ok", "right", "like", "you know", "i mean", "basically", "actually", "um",
           "uh", "er", "yeah", "yes", "no", "and", "look", "listen", "tell me", "please", "of course"],
}  # fmt: skip

#: First words that point back to a sentence the reader may not see.
BACKWARD = {
    "ru": "он она оно они это этот эта эти этого этому этим тот та те того там туда тут тогда поэтому "
          "потому зато но однако его её ее их ему ей им такой такая такие тоже также или который которая "
          "которые причём причем потом остальное затем сначала теперь ещё еще",
    "uk": "він вона воно вони це цей ця ці цього цьому цим той та ті того там туди тут тоді тому зате але "
          "однак його її їх йому їй їм такий така такі теж також або причому потім решту решта "
          "спершу спочатку тепер ще",
    "en": "he she it they this that these those there then therefore but however his her its their such also "
          "too or because first now another",
}  # fmt: skip

#: Words that point back from the second or third place as well: «За этот месяц …».
POINTING = {
    "ru": "это этот эта эти этого этому этим этой этих",
    "uk": "це цей ця ці цього цьому цим цієї цих",
    "en": "this that these those",
}

#: Words that stand for what a title does not name, and openings that promise a second half.
ELSEWHERE = {
    "ru": "он она оно они ему ей им его её ее их ней нём нем нему ним него неё нее них этот эта это эти "
          "этого этому этим этой этих тот та те тогда так такой если когда потому другой другая другие",
    "uk": "він вона воно вони йому їй їм його її їх ній ньому ним нею них неї нього цей ця це ці цього цьому "
          "цим цієї цих той та тоді так такий якщо коли бо тому інший інша інші",
    "en": "he she it they him her them his its their this that these those there then such if when because "
          "it's he's she's they're that's there's there'll first second third other another same",
}  # fmt: skip

ASKING = {
    "ru": "как когда почему зачем сколько что кто где куда откуда какой какая какое какие каким чем кому "
          "чего расскажите правда можно ли",
    "uk": "як коли чому навіщо скільки що хто де куди звідки який яка яке які яким чим кому чого "
          "розкажіть чи правда",
    "en": "how when why what who where which is are do does did can could will would tell",
}  # fmt: skip

MANNERS = {
    "ru": "здравствуй здравствуйте привет приветствую добрый день вечер утро спасибо благодарю свидания "
          "дорогие друзья слушатели эфире разговор пожалуйста приходите рады видеть",
    "uk": "вітаю привіт доброго добрий день вечір ранок дякую побачення дорогі друзі слухачі ефірі розмову "
          "будь ласка приходьте раді бачити",
    "en": "hello hi welcome good morning evening thank thanks bye goodbye dear friends listeners "
          "conversation please",
}  # fmt: skip

VOICE = {
    "ru": {"voice": "Голос %s", "unknown": "Неизвестный голос",
           "subject": "О чём шёл разговор: %s", "topics": "В разговоре: %s",
           "alt": "Редакционная иллюстрация: %s", "untitled": "Короткий разговор"},
    "uk": {"voice": "Голос %s", "unknown": "Невідомий голос",
           "subject": "Про що йшлося: %s", "topics": "У розмові: %s",
           "alt": "Редакційна ілюстрація: %s", "untitled": "Коротка розмова"},
    "en": {"voice": "Speaker %s", "unknown": "Unknown speaker",
           "subject": "What was discussed: %s", "topics": "In the conversation: %s",
           "alt": "Editorial illustration: %s", "untitled": "A short conversation"},
}  # fmt: skip


def voice(language: str) -> dict[str, str]:
    """Connective words in the article's language; English for one we do not know."""
    return VOICE.get(language, VOICE["en"])


def word_set(table: dict[str, str], language: str) -> frozenset[str]:
    return frozenset(table[language].split())


def without_filler(text: str, language: str) -> str:
    """`text` from its first word that says something, with a capital; may be empty."""
    longest_first = sorted(FILLERS[language], key=len, reverse=True)
    options = "|".join(re.escape(f).replace(r"\ ", r"[\s,]+") for f in longest_first)
    start = re.match(rf"(?i)(?:(?:{options})(?![\w-])[\s,.!?…—–-]*)*", text)
    rest = text[start.end() if start else 0 :].strip()
    return rest[:1].upper() + rest[1:]


def starts_with_filler(text: str, language: str) -> bool:
    return len(without_filler(text, language)) < len(text.strip())
