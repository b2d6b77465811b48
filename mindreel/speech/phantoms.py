"""Phrases Whisper learnt from the ends of videos and writes where nobody speaks."""

# ruff: noqa: E501, RUF001 - phrases in their own scripts, one table

import re

from mindreel.speech.words import spoken

_WHOLE = frozenset(
    spoken(phrase)
    for phrase in (
        "you", "bye", "bye bye", "thank you", "thank you very much", "thank you so much", "thanks for watching",
        "thank you for watching", "thank you for listening", "thanks for listening", "please subscribe",
        "see you next time", "see you in the next video", "i'll see you in the next video", "the end", "music",
        "like and subscribe", "don't forget to like and subscribe", "please subscribe to my channel",
        "so", "okay", "silence", "applause", "subtitles", "foreign",
        "vielen dank", "vielen dank fürs zuschauen", "danke fürs zuschauen", "bis zum nächsten mal", "tschüss",
        "merci d'avoir regardé cette vidéo", "merci d'avoir regardé", "merci", "abonnez-vous",
        "gracias por ver el video", "gracias por ver", "gracias", "suscríbete al canal", "¡suscríbete!",
        "obrigado por assistir", "obrigado", "grazie per aver guardato", "grazie per la visione",
        "grazie a tutti", "dank je wel", "bedankt voor het kijken", "tack för att ni tittade",
        "dziękuję za uwagę", "dziękuję za obejrzenie", "děkuji za pozornost", "izlediğiniz için teşekkür ederim",
        "спасибо за просмотр", "продолжение следует", "до новых встреч", "дякую за перегляд",
        "شكرا للمشاهدة", "شكرا", "देखने के लिए धन्यवाद", "धन्यवाद",
        "ご視聴ありがとうございました", "ご清聴ありがとうございました", "ありがとうございました", "おわり",
        "谢谢", "謝謝", "谢谢观看", "謝謝觀看", "感谢观看", "感謝觀看", "谢谢大家", "請不吝點贊訂閱轉發打賞支持明鏡與點點欄目",
        "请不吝点赞订阅转发打赏支持明镜与点点栏目", "시청해주셔서 감사합니다", "감사합니다", "구독과 좋아요",
    )
)  # fmt: skip

_PATTERNS = re.compile(
    r"^\W*(?:"
    r"(?:sub(?:titles?|titled|titling)|captions?|captioned|transcri(?:bed|ption)|translated) (?:by|provided by)\b"
    r"|untertitel(?:ung)?\b.*\b(?:von|im auftrag|der|zdf|ard|swr|ndr|br|wdr|funk|amara)\b"
    r"|sous-titr(?:es|age)\b|subtítulos (?:realizados )?por\b|legendas? (?:pela|por|de)\b"
    r"|sottotitoli (?:creati |e revisione )?(?:dalla|a cura|di)\b|ondertitel(?:ing|d)\b|titulky\b|napisy\b"
    r"|undertexter\b|tekstet av\b|altyazı\b|субтитры\b|субтитри\b|редактор субтитров\b"
    r"|字幕|中文字幕|자막|翻訳"
    r"|www\.\S+$"
    r"|.*amara\.org\b"
    r")",
    re.IGNORECASE,
)


def is_phantom(text: str) -> bool:
    """True for a text that is often invented; whether it was said, only the audio can tell."""
    return spoken(text) in _WHOLE or _PATTERNS.match(text) is not None
