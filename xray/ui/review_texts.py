"""The review's sentences, and those of marks, in English and Spanish."""

from ..messages import Message

REVIEW_TEXTS: dict[str, Message] = {
    # Marks, on every page
    "mark_title": Message("What does it show?", "¿Qué muestra?"),
    "marked": Message("marked: {mark}", "marcada: {mark}"),
    "mark_header": Message("Header is right: {part}", "Cabecera correcta: {part}"),
    "mark_picture": Message("Picture is right: {part}", "Imagen correcta: {part}"),
    "mark_other": Message("Another part", "Otra parte"),
    "mark_other_hint": Message(
        "Another part: press / and type", "Otra parte: pulse / y escriba"
    ),
    "mark_several": Message("Several parts", "Varias partes"),
    "mark_several_help": Message(
        "Then choose the parts, and press V again",
        "Después elija las partes y pulse V otra vez",
    ),
    "mark_collect": Message("Choose the parts …", "Elija las partes …"),
    "mark_done": Message("Done: {parts}", "Listo: {parts}"),
    "mark_not": Message("Not a radiograph", "No es una radiografía"),
    "said_header": Message("header is right", "cabecera correcta"),
    "said_not_radiograph": Message("not a radiograph", "no es una radiografía"),
    # Local calibration
    "local_card": Message(
        "Calibrated by the local card {name}: green above {above}.",
        "Calibrado con la ficha local {name}: verde por encima del {above}.",
    ),
    # Review
    "review": Message("Review", "Revisión"),
    "review_who": Message("Reviewing as", "Revisa"),
    "review_queue": Message("Queue", "Cola"),
    "queue_look": Message("To review", "Por revisar"),
    "queue_second": Message("Second opinion", "Segunda opinión"),
    "queue_disputed": Message("Disagreements", "Desacuerdos"),
    "queue_sample": Message("Random sample", "Muestra al azar"),
    "review_verdict": Message("Header and picture", "Cabecera e imagen"),
    "review_verdict_help": Message(
        "None chosen: every film whose header does not agree with its picture.",
        "Ninguna elegida: todas las placas cuya cabecera no coincide con la imagen.",
    ),
    "review_no_header": Message("no DICOM header", "sin cabecera DICOM"),
    "review_station": Message("Station", "Estación"),
    "review_month": Message("Month", "Mes"),
    "review_position": Message("{position} of {total}", "{position} de {total}"),
    "review_left": Message("{number} left", "quedan {number}"),
    "review_left_one": Message("1 left", "queda 1"),
    "review_rate": Message("{rate} an hour", "{rate} por hora"),
    "review_header": Message("Header", "Cabecera"),
    "review_picture": Message("Picture", "Imagen"),
    "alt_plain": Message("Radiograph {file}: {part}", "Radiografía {file}: {part}"),
    "review_second_asked": Message(
        "A second opinion is asked for.", "Se ha pedido una segunda opinión."
    ),
    "review_skip": Message("Skip", "Saltar"),
    "review_undo": Message("Undo", "Deshacer"),
    "review_second": Message("2nd opinion", "2.ª opinión"),
    "review_map": Message("Map", "Mapa"),
    "review_retry": Message("Try again", "Intentar de nuevo"),
    "review_passed": Message(
        "{number} films could not be shown", "{number} placas no se pueden mostrar"
    ),
    "review_passed_one": Message(
        "1 film could not be shown", "1 placa no se puede mostrar"
    ),
    "review_end_look": Message(
        "Nothing left to review here.", "No queda nada por revisar."
    ),
    "review_end_second": Message(
        "No film waits for your second opinion.",
        "Ninguna placa espera su segunda opinión.",
    ),
    "review_end_disputed": Message(
        "No disagreement is left.", "No queda ningún desacuerdo."
    ),
    "review_end_sample": Message(
        "Every film has been reviewed.", "Se han revisado todas las placas."
    ),
    "review_elsewhere": Message(
        "{number} films are before somebody else just now.",
        "{number} placas las tiene otra persona ahora mismo.",
    ),
    "review_elsewhere_one": Message(
        "1 film is before somebody else just now.",
        "1 placa la tiene otra persona ahora mismo.",
    ),
    "review_waiting": Message(
        "{number} films wait for a second opinion.",
        "{number} placas esperan una segunda opinión.",
    ),
    "review_waiting_one": Message(
        "1 film waits for a second opinion.", "1 placa espera una segunda opinión."
    ),
    "review_disputes": Message(
        "On {number} films people disagree.", "Hay desacuerdo en {number} placas."
    ),
    "review_disputes_one": Message(
        "On 1 film people disagree.", "Hay desacuerdo en 1 placa."
    ),
    "review_skipped": Message(
        "Look again at {number} skipped", "Volver a ver {number} saltadas"
    ),
    "review_skipped_one": Message("Look again at 1 skipped", "Volver a ver 1 saltada"),
    "review_then": Message(
        "The decisions are in `reviews.csv` of the report. Next: "
        "`xray fix --reviewed REPORT --out COPIES` writes corrected copies.",
        "Las decisiones están en `reviews.csv` del informe. Después: "
        "`xray fix --reviewed REPORT --out COPIES` escribe copias corregidas.",
    ),
}
