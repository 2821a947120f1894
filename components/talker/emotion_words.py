"""Emotion words that the text encoder, which was trained on English, does not know: other languages and emoji.

Mandarin Chinese, Hindi, Spanish, French, Arabic, Bengali, Portuguese, Russian, Urdu, Indonesian, German and Japanese,
in the forms in which a feeling is asked for: adjective (both genders) and noun.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_WORDS: Mapping[str, str] = {
    "neutral": (
        "中性 中立 平静 冷静 तटस्थ शांत neutro neutra tranquilo tranquila sereno neutre محايد "
        "محايدة هادئ هادئة নিরপেক্ষ শান্ত нейтральный нейтральная нейтрально спокойный "
        "спокойная спокойно غیر_جانبدار پرسکون netral tenang ruhig neutrale ニュートラル 普通 "
        "冷静な 無表情 😐 😑 😶"
    ),
    "happy": (
        "高兴 快乐 开心 幸福 喜悦 愉快 खुश प्रसन्न खुशी आनंदित feliz alegre contento contenta "
        "felicidad alegría heureux heureuse joyeux joyeuse joie سعيد سعيدة فرحان فرح "
        "সুখী খুশি আনন্দিত আনন্দ felicidade alegria счастливый счастливая счастлив "
        "радостный радостная радостно радость весёлый веселый خوش خوشی مسرور senang "
        "bahagia gembira glücklich fröhlich freudig freude 嬉しい 嬉し 楽し 幸せ 楽しい 喜び うれしい 😀 😃 "
        "😄 😁 😆 😊 🙂 😂 🤣 😍 🥰 😺 😸 ☺"
    ),
    "sad": (
        "悲伤 伤心 难过 悲哀 忧伤 不高兴 不开心 दुखी उदास दुख उदासी triste tristeza tristesse malheureux "
        "malheureuse حزين حزينة حزن দুঃখিত দুঃখী দুঃখ বিষণ্ণ грустный грустная грустно "
        "печальный печальная грусть печаль اداس غمگین دکھی غم sedih traurig trauer "
        "traurigkeit 悲しい 悲し 悲しみ かなしい 😢 😭 😞 😔 🙁 ☹ 😿 😥"
    ),
    "angry": (
        "生气 愤怒 气愤 恼火 发怒 गुस्सा क्रोधित नाराज़ नाराज क्रोध enojado enojada enfadado "
        "enfadada furioso furiosa ira rabia enojo colère fâché fâchée furieux furieuse "
        "غاضب غاضبة غضب রাগান্বিত রাগী রাগ ক্রুদ্ধ zangado zangada irritado irritada "
        "raiva злой злая сердитый сердитая зло сердито гнев злость ناراض غصہ غضبناک "
        "marah wütend zornig wut zorn 怒り 怒っている 怒った 怒る 怒って 😠 😡 🤬 👿 😾 💢"
    ),
    "afraid": (
        "害怕 恐惧 恐怖 惊恐 惧怕 डरा_हुआ डरी_हुई डरा डरी भयभीत डर भय asustado asustada miedo "
        "temor temeroso effrayé effrayée apeuré apeurée peur خائف خائفة خوف ভীত ভয় "
        "assustado assustada medo испуганный испуганная испуганно страх напуганный "
        "خوفزدہ ڈرا_ہوا ڈر takut ketakutan ängstlich verängstigt furcht 怖い 怖 恐れ 恐怖を感じる "
        "こわい 😨 😱 😰 🙀"
    ),
    "surprised": (
        "惊讶 吃惊 惊奇 惊喜 आश्चर्यचकित हैरान चकित आश्चर्य sorprendido sorprendida sorpresa "
        "surpris étonné étonnée متفاجئ متفاجئة مندهش مندهشة مفاجأة বিস্মিত অবাক বিস্ময় "
        "surpreso surpresa surpreendido surpreendida удивлённый удивленный удивлённая "
        "удивленная удивлённо удивленно удивление حیران متعجب حیرت terkejut kaget "
        "überrascht überraschung 驚いた 驚き 驚いている びっくり 😮 😯 😲 😳 🤯"
    ),
    "disgusted": (
        "厌恶 恶心 反感 घृणित घिन घृणा asqueado asqueada asco repugnancia dégoûté dégoûtée "
        "dégoût مشمئز مشمئزة اشمئزاز قرف ঘৃণা ঘৃণিত nojo repugnado repugnada отвращение "
        "с_отвращением противно بیزار نفرت کراہت کراہیت jijik muak angewidert angeekelt "
        "ekel 嫌悪 うんざり 気持ち悪い 🤢 🤮"
    ),
    "contemptuous": (
        "轻蔑 蔑视 鄙视 不屑 तिरस्कार तिरस्कारपूर्ण अवमानना desprecio despectivo despectiva "
        "despreciativo mépris méprisant méprisante ازدراء احتقار অবজ্ঞা তাচ্ছিল্য "
        "desprezo desdenhoso desdenhosa презрение презрительный презрительная "
        "презрительно с_презрением حقارت تحقیر hina meremehkan menghina verächtlich "
        "verachtung 軽蔑 侮蔑 😒 🙄 😏 😤"
    ),
}
_DEGREES: Mapping[str, str] = {
    "very": (
        "非常 很 十分 特别 极其 极度 太 बहुत बेहद अत्यंत muy mucho mucha très vraiment جدا جداً "
        "للغاية খুব খুবই অত্যন্ত muito muita очень сильно بہت انتہائی sangat amat sekali "
        "sehr äußerst とても 非常に すごく 大変"
    ),
    "slightly": (
        "有点 有些 稍微 一点 थोड़ा थोड़ी थोड़ा_सा un_poco algo un_peu légèrement قليلا قليلاً "
        "একটু সামান্য um_pouco немного слегка чуть تھوڑا تھوڑی sedikit agak ein_bisschen "
        "etwas leicht 少し ちょっと やや"
    ),
}
# That change nothing: particles, "is", "looks".
_FILLERS = (
    "的 地 得 了 着 我 他 她 你 是 感到 觉得 看起来 में से का की के है हूँ हूं वह मैं estoy está esta "
    "con de soy je suis il elle est en avec la le ، أنا هو هي আমি সে estou com ele "
    "ela я он она с в ہے ہوں وہ میں سے saya dia er sie ist ich bin mit な に で す です だ "
    "る さ そう 私 は が 、 。 ！"
)


# English words that the encoder knows by their parts only, as it does letters that are no words.
_RARE = """
aah acerbic aghast agog aloof apathetic apoplectic argh austere aww bereft bitchy blase bleak blech bleh blissed
blithe boohoo brash bratty brusque catty cheeky chirpy choleric chuffed clingy comatose contrite coy crabby cranky
curt despondent ditzy doleful dopey dour dreamy dreary drowsy dumbstruck ebullient effusive euphoric eww exuberant
exultant feisty flirty forlorn frisky gah giddy gobsmacked goofy groggy grr grrr gruff grumpy gutted haha hallelujah
hangry haughty hehe hella hmm hmph hooray huffy huh ick icky imperious insouciant irascible irate irked jittery jocund
jovial jumpy lachrymose livid lol loopy maudlin meh mellow miffed mopey morose mournful nauseous nonchalant nonplussed
ooh peeved pensive peppy perky petulant pew pfft phew phlegmatic placid plaintive pompous queasy querulous rapturous
riled rueful sanguine sardonic sassy saturnine schadenfreude shakespearean slack-jawed sleepy smarmy snappy snarky
sneer sneery snide sniffy snooty sombre sourpuss spunky squeamish stern stoic stolid sulky surly teary terse testy
ticked timid tranquil truculent tsk ugh vexed vitriolic wah weepy whew whiny woebegone woozy wow wowed wry yay yikes
yippee yuck yucky zany zoned
"""
RARE = frozenset(_RARE.split())


@lru_cache(maxsize=1)
def english_words() -> dict[str, str]:
    """Every word for a feeling or its degree, in lower case, to English."""
    pairs = [
        (word, english) for table in (_DEGREES, _WORDS) for english, words in table.items() for word in words.split()
    ]
    return {word.replace("_", " ").casefold(): english for word, english in pairs}


@lru_cache(maxsize=1)
def fillers() -> frozenset[str]:
    """Words beside them that may be left out."""
    return frozenset(_FILLERS.split())
