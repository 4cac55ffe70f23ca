"""The words of speech, a list per language: fillers, hedges, approximations, conditions.

Written as they are compared (ё as е, a hyphen as a space). A word that both Slavic languages have stands
with the Russian ones; a word of one that means something else in the other stands in neither.
"""

ALWAYS = """
ну, э, ээ, эээ, э э, э э э, эм, эмм, мм, ммм, м м, м м м, хм, ааа, а а, а а а, вот, как бы, так сказать,
скажем так, это самое, как бы это сказать, как бы вам сказать, ну и, еее, е е, е е е,
як би, як би це сказати, як би вам сказати, так би мовити, так сказати, скажімо так, це саме, ну й,
um, umm, uh, uhh, er, erm, uhm, hm, hmm, mm, mmm,
"""
SET_OFF = """
сами подумайте, подумайте, подумать только, вообразите,
самі подумайте, подумайте лишень, подумати тільки,
think about it, just think, would you look at that,
что уж говорить, что и говорить, по честному, честное слово, поверите ли, не поверите, или как это,
чи як це, чи як його, що вже казати, що казати, що тут казати, чесне слово, повірите, не повірите,
or whatever, or something, i swear, i promise you, would you believe, you would not believe,
скажем прямо, между нами, между нами говоря, если что, каюсь, признаюсь, ну что тут скажешь, что тут
скажешь, как говорят, что тут говорить, чего уж там, чего там, скрывать не буду, не скрою, чого вже там,
правда, да, как бы это сказать, как бы вам сказать, как бы это, е, ну что ж, что ж, знаете, знаете ли,
знаешь, понимаете, понимаешь, видите ли, слушайте, послушайте, смотрите, значит, короче, короче говоря, в
общем, в общем то, вообще, собственно, собственно говоря, так, кстати, честно, честно говоря, скажем, типа,
как говорится, вы не поверите, понимаете ли, слышите, значить, типу, ось, так от, ну от, ну вот, как это,
как его, как сказать, ну как сказать, как это сказать, как это называется, ну вот и, ну что, ну как, ну как
это, ну так вот, ну ось, ну як, нет ну, да ну, да нет, ну да, ну нет, конечно, конечно же, разумеется,
естественно, извините, извините за выражение, простите, представляете, представляете себе, представьте,
представьте себе, поверьте, верите ли, слава богу, дай бог, боже мой, господи, черт, черт возьми, блин, в
принципе, на самом деле, прямо скажем, мягко говоря, грубо говоря, условно говоря, проще говоря, иначе
говоря, откровенно говоря, по правде говоря, по правде сказать, если честно, если серьезно, если хотите,
если угодно, так вот, итак, то есть, скажу так, скажу честно, что называется, так что, как вам сказать, вот
так вот, такой, такая, такое, такие, между прочим, к слову, к слову сказать, помните, видишь, видишь ли, ей
богу, ага, угу, ой, ох, эх, ну знаете, ну понимаете, ну так, природно, даруйте, дай боже, така, до слова,
ех,
зізнаюся, зізнаюсь, каюся, між нами, між нами кажучи, якщо що, так сказати, що тут скажеш, ну що тут скажеш,
не приховуватиму, як би це сказати, ну що ж, що ж, знаєте, знаєш, розумієте, розумієш, бачите, слухайте,
дивіться, коротше, коротше кажучи, загалом, власне, власне кажучи, до речі, чесно, чесно кажучи, ви не
повірите, скажімо, як би це, як це, як сказати, ну як сказати, як це сказати, ну що, як його, якщо серйозно,
отак, отак от, ну ні, ні ну, звісно, звичайно, певна річ, вибачте, вибачте на слові, перепрошую, уявляєте,
уявляєте собі, уявіть, уявіть собі, повірте, дякувати богу, чорт, блін, в принципі, у принципі, насправді,
прямо скажемо, м'яко кажучи, грубо кажучи, умовно кажучи, простіше кажучи, інакше кажучи, відверто кажучи,
правду кажучи, по правді кажучи, якщо чесно, якщо хочете, як то кажуть, як кажуть, отже, тобто, ну тобто,
скажу чесно, як вам сказати, таке, такі, між іншим, пам'ятаєте, бачиш, їй богу, ну знаєте, ну розумієте,
нікуди ж не дінеш,
so to say, between you and me, between us, i confess, i admit, i must say, i have to say, what can i say,
for crying out loud, for goodness sake, for heaven is sake, my god, good lord, no kidding, let us face it,
how do i put it, how shall i put it, what do you call it, how to say it, to be honest, to be fair, to be
frank, to tell you the truth, to tell the truth, if you like, if you will, if i am honest, in fact, as a
matter of fact, actually, of course, obviously, clearly, naturally, literally, seriously, truly, really,
sorry, excuse me, pardon, pardon me, thank god, thank goodness, oh, oh my, oh well, ah, believe me, trust
me, believe it or not, mind you, anyway, anyhow, by the way, put it this way, let me put it this way, shall
we say, let me say, say, well you know, well i mean, well see, well look, so you know, so like, like i said,
as i said, as they say, so to speak, if you know what i mean, you know what i mean, you understand,
understand, remember, imagine, you bet, no well, yes, yep, now, you know, i mean, like, so, well, right,
okay, ok, yeah, basically, honestly, frankly, look, listen, see, you see, let us say, so yeah,
"""
HALF_OFF = """
от, ось, то есть, так что,
тобто, так що,
"""
HEDGES = """
шучу, по слухам, по всей видимости, по всей вероятности, по идее, по хорошему, по логике, судя по всему,
судя по, по крайней мере, хотя бы, во всяком случае, в каком то смысле, наполовину, в общих чертах,
предварительно, неофициально, по предварительным данным, не совсем, в перспективе, со временем, когда
нибудь, по неофициальным данным, насколько я знаю, насколько мне известно, насколько я понимаю, насколько
помню, насколько я помню, если не ошибаюсь, если я не ошибаюсь, если не путаю, если память не изменяет, как
мне кажется, мне кажется, мне думается, мне представляется, на мой взгляд, с моей точки зрения, по моим
подсчетам, по моим данным, по моим ощущениям, по нашим данным, по нашим подсчетам, по оценкам, по подсчетам,
по данным, по словам, по версии, по мнению, по плану, по расчетам, по прогнозам, предположительно,
ориентировочно, в целом, в теории, на бумаге, формально, условно, номинально, в лучшем случае, в худшем
случае, не исключено, не факт, едва ли, вряд ли, чуть ли не, чуть не, отчасти, возможно что, очевидно,
думается, сдается, стало быть, должно быть, может статься, чего доброго, как будто, словно, вроде как, типа
того, если верить, если повезет, дай бог, допустим, не дай бог, боюсь, боимся, подозреваю, подозреваем,
допускаю, допускаем, догадываюсь, уверяют, предположим, ожидаю, ожидаем, рассчитываю, рассчитываем,
собираюсь, собираемся, верю, верим, не уверен, не уверена, сомнительно, спорно, на мою думку, як на мене,
гадаю, за словами, за планом, за прогнозами, колись, навряд чи, чи не, мало не, трохи не, дай боже,
припускаю, в определенной степени, в какой то мере, наверное, наверно, возможно, вероятно, видимо, похоже,
кажется, казалось, вроде, вроде бы, якобы, будто, будто бы, пожалуй, может быть, может, могут, могли, мог,
могла, думаю, думаем, считаю, считаем, полагаю, полагаем, предполагаю, надеюсь, надеемся, по моему, по
нашему, скорее всего, частично, теоретически, бы, б, напевно, схоже, теоретично,
жартую, припустімо, на мій погляд, як мені здається, мені здається, мені видається, з моєї точки зору, за
моїми підрахунками, за нашими підрахунками, за моїми даними, за нашими даними, за оцінками, за підрахунками,
за даними, за версією, за розрахунками, судячи з усього, судячи з, принаймні, хоча б, у всякому разі, в
якомусь сенсі, в загальних рисах, попередньо, неофіційно, за попередніми даними, не зовсім, у перспективі, з
часом, наскільки я знаю, наскільки мені відомо, наскільки я розумію, наскільки пам'ятаю, наскільки я
пам'ятаю, якщо не помиляюся, якщо не помиляюсь, якщо я не помиляюся, якщо не плутаю, якщо пам'ять не
зраджує, ймовірно що, либонь, мабуть що, подейкують, загалом беручи, в теорії, на папері, умовно,
номінально, у кращому разі, в кращому разі, у гіршому разі, не виключено, ледь не, по ідеї, має бути, певною
мірою, якоюсь мірою, як кажуть люди, якщо вірити, якщо пощастить, боюся, боїмося, підозрюю, підозрюємо,
припускаємо, здогадуюся, здогадуюсь, очікую, очікуємо, розраховую, розраховуємо, збираюся, збираємося, вірю,
віримо, не певен, не певна, сумнівно, мабуть, можливо, певно, імовірно, ймовірно, здається, здавалося,
начебто, ніби, нібито, наче, може, можуть, міг, вважаю, вважаємо, гадаємо, думаємо, сподіваюся, сподіваюсь,
сподіваємося, скоріш за все, скоріше за все, найімовірніше, частково, би,
kidding, joking, unofficially, off the record, preliminarily, in part, not quite, not exactly, not entirely,
in some cases, for now, so far, eventually, someday, as far as i know, as far as i can tell, as far as i
remember, as i understand it, if i remember rightly, if i remember correctly, if i am not mistaken, if
memory serves, to my knowledge, to my mind, in my view, in my opinion, in my experience, from what i hear,
from what i know, from what i understand, by all accounts, by my count, by our count, on paper, on the
whole, in principle, plan to, plans to, according to, to some extent, to a degree, in a way, in a sense,
more or less, at best,
at worst, potentially, conceivably, theoretically, hopefully, ideally, arguably, reportedly, evidently,
seemingly, practically, virtually, ostensibly, nominally, formally, technically, chances are, it looks like,
looks like, it seems, it appears, appears, appear, appeared, i am not sure, not sure, i suspect, suspect,
suspected, i imagine, i expect, expect, expected, i fear, i reckon, reckon, reckoned, guessed, supposed,
believed, believes, thinks, hoped, hopes, i am afraid, i gather, i assume, assume, assumed, presume,
presumed, i doubt, feel like, tend, tends, tended, would like, at least in theory, kinda, sorta, maybe,
perhaps, probably, possibly, likely, apparently, allegedly, supposedly, presumably, seems, seem, seemed,
think, thought, guess, believe, suppose, hope, might, may, could, would, should, partly, sort of, kind of,
in theory, if not,
"""
APPROXIMATE = """
чуть больше, чуть меньше, без малого, с лишним, плюс минус, в среднем, в районе, не более, не менее, не
больше, не меньше, порядку, какие то, едва, около, примерно, почти, порядка, где то, приблизительно, более,
менее, больше, меньше, свыше, от силы, максимум, минимум, до, немного, чуть, чуть чуть, слегка, несколько,
трохи, трошки, лише, лишь, только,
трохи більше, трохи менше, з гаком, у середньому, в районі, не більше, не менше, якихось, ледве, від сили,
близько, майже, десь, приблизно, орієнтовно, понад, більше, менше, більш, менш, щонайменше, дещо, ледь,
тільки,
just over, just under, a little over, a little under, well over, close to, north of, give or take, upwards
of, as many as, as much as, as few as, or so, plus or minus, no more than, no less than, fewer than, barely,
at a push, tops, pretty, fairly, rather, quite, a bit, a little, slightly, somewhat, about, around, roughly,
nearly, almost, approximately, some, at least, at most, more than, less than, up to, over, under, only,
"""
FREQUENCY = """
иногда, порой, редко, часто, местами, кое где, обычно, по большей части, в основном, как правило, изредка,
зачастую, часом, в основному, як правило,
зазвичай, інколи, іноді, рідко, подекуди, здебільшого, зрідка,
usually, normally, typically, often, sometimes, occasionally, rarely, seldom, mostly, mainly, largely,
generally, on average, for the most part, in general, as a rule, most of the time, some of the time, once in
a while,
"""
CONDITION_PHRASES = """
как только, при условии, с условием, лишь бы, в случае, до тех пор, покуда, за исключением, только бы,
только если, только когда, лише коли,
как тільки, щойно, за умови, з умовою, аби лиш, у разі, в разі, у випадку, доти доки, за винятком, тільки
якщо, тільки коли, лише якщо,
as long as, so long as, as soon as, on condition, in case, in the event, with the exception, only if, only
when, even if, apart from, other than,
"""
