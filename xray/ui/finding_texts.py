"""Every sentence about findings on the page, in English and Spanish."""

from ..messages import Message

FINDING_TEXTS: dict[str, Message] = {
    "findings": Message("Findings (experimental)", "Hallazgos (experimental)"),
    "findings_help": Message(
        "Looks on every film for a fracture and hardware (metal), and tells the "
        "projection. For research, not for diagnosis: it misses fractures and flags "
        "films without one.",
        "Busca en cada radiografía fracturas y metal, e indica la proyección. Para "
        "investigación, no para diagnóstico: no ve todas las fracturas y marca "
        "radiografías sin ninguna.",
    ),
    "point": Message("Flag fractures", "Marcar fracturas"),
    "point_sensitive": Message("Sensitive", "Sensible"),
    "point_balanced": Message("Balanced", "Equilibrado"),
    "point_specific": Message("Specific", "Específico"),
    "point_costs": Message(
        "flags {sensitivity} of fractured films and {alarms} of the others",
        "marca el {sensitivity} de las fracturadas y el {alarms} de las demás",
    ),
    "point_measured": Message(
        "Measured on {films} films of FracAtlas; elsewhere it will differ.",
        "Medido en {films} radiografías de FracAtlas; en otras será distinto.",
    ),
    "fractured": Message("Fracture flagged ({number})", "Fractura marcada ({number})"),
    "sort_fracture": Message("Fracture likeliest first", "Fractura más probable"),
    "looking": Message(
        "Looking for findings · {done} of {total}",
        "Buscando hallazgos · {done} de {total}",
    ),
    "findings_none": Message("findings: not asked", "hallazgos: no consultados"),
    "findings_no_picture": Message(
        "No findings: the full-size picture was let go. Drop the file again.",
        "Sin hallazgos: la imagen completa se liberó. Suelte el archivo de nuevo.",
    ),
    "outline_legend": Message(
        "Blue line: where a fracture may be. Experimental, for research, not for "
        "diagnosis.",
        "Línea azul: dónde puede haber una fractura. Experimental, para "
        "investigación, no para diagnóstico.",
    ),
    "outline_alt": Message(
        "A blue line surrounds where a fracture may be (experimental)",
        "Una línea azul rodea dónde puede haber una fractura (experimental)",
    ),
    # About
    "about_findings": Message(
        "Findings: fracture, hardware, projection",
        "Hallazgos: fractura, metal, proyección",
    ),
    "about_findings_use": Message(
        "A second network, asked only where the switch in the sidebar is on, and only "
        "about: {parts}. It is for sorting archives, choosing films for teaching or "
        "annotation, and checking a header's projection. Never to decide about a "
        "patient, never to leave a film unread.",
        "Una segunda red, consultada solo si el interruptor de la barra lateral está "
        "activado, y solo sobre: {parts}. Sirve para ordenar archivos, elegir "
        "radiografías para docencia o anotación y comprobar la proyección de la "
        "cabecera. Nunca para decidir sobre un paciente ni para dejar una radiografía "
        "sin leer.",
    ),
    "findings_measured": Message(
        "{films} films of FracAtlas, {fractured} of them fractured, none of them in "
        "training; intervals are 95 %, by drawing groups of neighboring films again.",
        "{films} radiografías de FracAtlas, {fractured} de ellas con fractura, ninguna "
        "usada para entrenar; intervalos del 95 %, por remuestreo de grupos de "
        "radiografías vecinas.",
    ),
    "figure_auroc": Message("Fracture, AUROC", "Fractura, AUROC"),
    "figure_sensitivity": Message("Found at specificity 90 %", "Halladas (esp. 90 %)"),
    "figure_in_a_box": Message("Peak in expert's box", "Máximo en recuadro"),
    "figure_projection": Message("Projections, mean", "Proyección, media"),
    "operating_point": Message("Flags", "Marcado"),
    "point_from": Message("From", "Desde"),
    "point_flagged": Message("Fractured, flagged", "Fracturadas, marcadas"),
    "point_alone": Message("Others, left alone", "Las demás, sin marcar"),
    "region": Message("Region", "Región"),
    "fractured_column": Message("Fractured", "Fracturadas"),
    "region_hand": Message("hand", "mano"),
    "region_leg": Message("leg", "pierna"),
    "region_hip": Message("hip", "cadera"),
    "region_shoulder": Message("shoulder", "hombro"),
    "region_without_hardware": Message("without hardware", "sin metal"),
    "findings_limits": Message(
        "Films of three hospitals of one country, adults for the most part; fractures "
        "of other hospitals were not measured. Fine fractures without displacement are "
        "often missed. Weights: {license}, apart from those of the body part.",
        "Radiografías de tres hospitales de un país, sobre todo de adultos; no se "
        "midieron fracturas de otros hospitales. A menudo no ve fracturas finas sin "
        "desplazamiento. Pesos: {license}, aparte de los de la parte del cuerpo.",
    ),
}
