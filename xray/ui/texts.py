"""Every sentence of the page, in English and Spanish.

Keys ending in `_one` are the singular of the key without it. Text in braces is
filled in by `language.say`.
"""

from ..messages import Message
from .finding_texts import FINDING_TEXTS
from .review_texts import REVIEW_TEXTS

TEXTS: dict[str, Message] = {
    **REVIEW_TEXTS,
    **FINDING_TEXTS,
    # Frame
    "radiographs": Message("Radiographs", "Radiografías"),
    "history": Message("History", "Historial"),
    "about": Message("About", "Acerca de"),
    "language": Message("Language", "Idioma"),
    "not_a_device": Message(
        "For research. Not a medical device.",
        "Para investigación. No es un producto sanitario.",
    ),
    "loading": Message("Loading the model …", "Cargando el modelo …"),
    "band_high": Message(
        "above 90 %: the answer can be trusted as far as the model goes",
        "más del 90 %: puede confiarse en la respuesta tanto como en el modelo",
    ),
    "band_medium": Message(
        "70 to 90 %: look at the picture yourself",
        "del 70 al 90 %: mire usted mismo la imagen",
    ),
    "band_low": Message(
        "below 70 %: little more than a guess",
        "menos del 70 %: poco más que una conjetura",
    ),
    # Dropping files
    "lead": Message(
        "Which body part is this, how sure is that, and why?",
        "¿Qué parte del cuerpo es, con qué seguridad y por qué?",
    ),
    "drop_files": Message(
        "Drop radiographs here: DICOM, PNG, JPEG, or zip files of them",
        "Suelte aquí radiografías: DICOM, PNG, JPEG o zip",
    ),
    "drop_folder": Message(
        "Drop a folder here: everything in it is read",
        "Suelte aquí una carpeta: se lee todo lo que contiene",
    ),
    "whole_folder": Message("Whole folder", "Carpeta entera"),
    "choose_files": Message("Choose files", "Elegir archivos"),
    "choose_folder": Message("Choose a folder", "Elegir una carpeta"),
    "or_drop": Message(
        "or drop them here · up to {limit} MB each",
        "o suéltelos aquí · hasta {limit} MB cada uno",
    ),
    "example": Message("Try an example", "Probar un ejemplo"),
    "local": Message(
        "Files stay in this computer's memory. Once the tab is closed or reloaded, "
        "nobody can see them any more.",
        "Los archivos quedan en la memoria de este equipo. Al cerrar o recargar la "
        "pestaña, ya nadie puede verlos.",
    ),
    "opening": Message("Opening the files …", "Abriendo los archivos …"),
    "working": Message(
        "{done} of {total} · {file}",
        "{done} de {total} · {file}",
    ),
    "finishing": Message("Finishing …", "Terminando …"),
    "problems": Message(
        "{number} files could not be read",
        "{number} archivos no se pudieron leer",
    ),
    "problems_one": Message("1 file could not be read", "1 archivo no se pudo leer"),
    "repeats": Message(
        "{number} files were here already",
        "{number} archivos ya estaban aquí",
    ),
    "repeats_one": Message("1 file was here already", "1 archivo ya estaba aquí"),
    "repeat": Message(
        "{file}: the same picture as {first}",
        "{file}: la misma imagen que {first}",
    ),
    "dismiss": Message("Dismiss", "Descartar"),
    # Sidebar
    "view": Message("View", "Vista"),
    "grid": Message("Grid", "Cuadrícula"),
    "single": Message("Single", "Individual"),
    "columns": Message("Columns, at most", "Columnas, como máximo"),
    "maps": Message("Heat maps", "Mapas de calor"),
    "opacity": Message("Opacity of the maps", "Opacidad de los mapas"),
    "style": Message("Maps as", "Mapas como"),
    "color": Message("Color", "Color"),
    "contour": Message("Contour lines", "Curvas de nivel"),
    "palette": Message("Palette", "Paleta"),
    "palette_inferno": Message("Inferno", "Inferno"),
    "palette_magma": Message("Magma", "Magma"),
    "palette_viridis": Message("Viridis", "Viridis"),
    "palette_cividis": Message(
        "Cividis (safe for color-blind readers)",
        "Cividis (apta para daltónicos)",
    ),
    "bands": Message("Confidence", "Confianza"),
    "parts": Message("Body parts", "Partes del cuerpo"),
    "any": Message("All", "Todas"),
    "header_disagrees": Message(
        "Header disagrees ({number})", "La cabecera no coincide ({number})"
    ),
    "header_disagrees_only": Message("Header disagrees", "La cabecera no coincide"),
    "sort": Message("Sort by", "Ordenar por"),
    "sort_dropped": Message("Order of arrival", "Orden de llegada"),
    "sort_doubtful": Message("Least sure first", "Menos seguras primero"),
    "sort_sure": Message("Surest first", "Más seguras primero"),
    "sort_part": Message("Body part", "Parte del cuerpo"),
    "sort_file": Message("File name", "Nombre de archivo"),
    "hide_all": Message("Hide all", "Ocultar todas"),
    "show_all": Message("Show all", "Mostrar todas"),
    "clear": Message("Clear", "Vaciar"),
    "clear_help": Message(
        "Empty this page. The history keeps its results.",
        "Vaciar esta página. El historial conserva sus resultados.",
    ),
    "map_colors": Message("Colors of the maps", "Colores de los mapas"),
    "contour_legend": Message(
        "Lines at 25, 50 and 75 % of the map's maximum, thicker where higher.",
        "Líneas al 25, 50 y 75 % del máximo del mapa, más gruesas donde es mayor.",
    ),
    "legend_alt": Message(
        "Colors of the heat map, from low on the left to high on the right",
        "Colores del mapa de calor, de bajo a la izquierda a alto a la derecha",
    ),
    "header_help": Message(
        "Shows only DICOM files whose header names another body part than the "
        "picture shows.",
        "Muestra solo los archivos DICOM cuya cabecera nombra otra parte del cuerpo "
        "que la que muestra la imagen.",
    ),
    "low": Message("low", "bajo"),
    "high": Message("high", "alto"),
    # Films
    "films": Message("{number} radiographs", "{number} radiografías"),
    "films_one": Message("1 radiograph", "1 radiografía"),
    "hidden": Message("{number} hidden", "{number} ocultas"),
    "hidden_one": Message("1 hidden", "1 oculta"),
    "filtered": Message("{number} filtered out", "{number} filtradas"),
    "filtered_one": Message("1 filtered out", "1 filtrada"),
    "nothing_left": Message(
        "No radiograph passes the filters, or all are hidden.",
        "Ninguna radiografía pasa los filtros, o todas están ocultas.",
    ),
    "card_map": Message("Heat map", "Mapa de calor"),
    "card_hide": Message("Hide", "Ocultar"),
    "card_open": Message("Open large", "Abrir en grande"),
    "rejected": Message("Not judged", "Sin valorar"),
    "guess": Message("best guess: {part}", "posible: {part}"),
    "alt": Message(
        "Radiograph {file}: {part}, {percent} {word}",
        "Radiografía {file}: {part}, {percent} {word}",
    ),
    "alt_map": Message(
        "Radiograph {file} with the heat map of {part} over it",
        "Radiografía {file} con el mapa de calor de {part} encima",
    ),
    "alt_rejected": Message(
        "Picture {file}, not judged: {reason}",
        "Imagen {file}, sin valorar: {reason}",
    ),
    # Single view
    "previous": Message("Previous", "Anterior"),
    "next": Message("Next", "Siguiente"),
    "position": Message("{position} of {total}", "{position} de {total}"),
    "back_to_grid": Message("Back to the grid", "Volver a la cuadrícula"),
    "layout": Message("Map", "Mapa"),
    "over": Message("Over", "Encima"),
    "beside": Message("Beside", "Al lado"),
    "off": Message("Off", "Sin mapa"),
    "versus": Message("Compare", "Comparar"),
    "versus_title": Message(
        "Why {first} and not {second}?", "¿Por qué {first} y no {second}?"
    ),
    "speaks_for": Message("speaks for {part}", "a favor de {part}"),
    "difference": Message("difference", "diferencia"),
    "difference_alt": Message(
        "Where the maps of {first} (orange) and {second} (blue) differ",
        "Dónde difieren los mapas de {first} (naranja) y {second} (azul)",
    ),
    "difference_legend_alt": Message(
        "Colors of the difference: blue for {second}, orange for {first}",
        "Colores de la diferencia: azul para {second}, naranja para {first}",
    ),
    "gif": Message(
        "How attention gathers (GIF)", "Cómo se concentra la atención (GIF)"
    ),
    "gif_working": Message(
        "Looking into the layers …", "Mirando dentro de las capas …"
    ),
    "gif_alt": Message(
        "Animation: how attention for {part} gathers layer by layer",
        "Animación: cómo se concentra la atención para {part} capa a capa",
    ),
    "gif_hint": Message(
        "From the first dense block to the last: LayerCAM per layer, Grad-CAM++ at "
        "the end.",
        "Del primer bloque denso al último: LayerCAM en cada capa y Grad-CAM++ al "
        "final.",
    ),
    "download_gif": Message("Download GIF", "Descargar GIF"),
    "download_picture": Message("Download picture", "Descargar imagen"),
    "download_picture_help": Message(
        "At the original size, with the map and a caption",
        "En el tamaño original, con el mapa y una leyenda",
    ),
    "map_of": Message("Map of", "Mapa de"),
    "five": Message("Five likeliest parts", "Las cinco partes más probables"),
    "five_alt": Message(
        "Bar chart of the five likeliest body parts: {parts}",
        "Gráfico de barras de las cinco partes más probables: {parts}",
    ),
    "facts": Message("About the file", "Sobre el archivo"),
    "fact_kind": Message("Kind", "Tipo"),
    "fact_size": Message("Size", "Tamaño"),
    "fact_pixels": Message("{width} × {height} pixels", "{width} × {height} píxeles"),
    "fact_bytes": Message("On disk", "En disco"),
    "fact_photometric": Message(
        "Photometric interpretation", "Interpretación fotométrica"
    ),
    "fact_modality": Message("Modality", "Modalidad"),
    "fact_bits": Message("Bits stored", "Bits almacenados"),
    "fact_syntax": Message("Transfer syntax", "Sintaxis de transferencia"),
    "fact_frame": Message("Frame", "Cuadro"),
    "fact_frame_of": Message("{frame} of {frames}", "{frame} de {frames}"),
    "fact_header": Message("Header's body part", "Parte según la cabecera"),
    "fact_header_none": Message("not stated", "no indicada"),
    "fact_header_hint": Message("in a description, {tag}", "en una descripción, {tag}"),
    "fact_projection": Message("Header's projection", "Proyección según la cabecera"),
    "projection_frontal": Message("frontal", "frontal"),
    "projection_lateral": Message("lateral", "lateral"),
    "projection_oblique": Message("oblique", "oblicua"),
    "projection_other": Message("other", "otra"),
    "fact_side": Message("Header's side", "Lado según la cabecera"),
    "side_L": Message("left", "izquierdo"),
    "side_R": Message("right", "derecho"),
    "side_B": Message("both", "ambos"),
    "side_U": Message("unpaired", "impar"),
    "only_thumbnail": Message(
        "The full-size picture was let go to save memory. Drop the file again to "
        "see it large.",
        "La imagen completa se liberó para ahorrar memoria. Suelte el archivo de "
        "nuevo para verla en grande.",
    ),
    "probability": Message("Probability", "Probabilidad"),
    "part": Message("Body part", "Parte del cuerpo"),
    # History
    "history_empty": Message(
        "Nothing here yet. Every radiograph of this session will be listed here.",
        "Todavía no hay nada. Aquí aparecerán todas las radiografías de esta sesión.",
    ),
    "nothing_found": Message(
        "No result passes the filters.", "Ningún resultado pasa los filtros."
    ),
    "search": Message("File or body part", "Archivo o parte del cuerpo"),
    "select": Message("Select {file}", "Seleccionar {file}"),
    "delete": Message("Delete {file}", "Eliminar {file}"),
    "delete_all": Message("Delete all", "Eliminar todo"),
    "delete_all_sure": Message(
        "Delete every result of this session?",
        "¿Eliminar todos los resultados de esta sesión?",
    ),
    "delete_all_yes": Message("Yes, delete all", "Sí, eliminar todo"),
    "csv": Message("CSV", "CSV"),
    "json": Message("JSON", "JSON"),
    "export_help": Message(
        "Exports the results listed here", "Exporta los resultados de la lista"
    ),
    "compare": Message("Side by side", "Lado a lado"),
    "compare_hint": Message(
        "Select two or more to see them side by side.",
        "Seleccione dos o más para verlas lado a lado.",
    ),
    "compare_clear": Message("Clear selection", "Quitar selección"),
    # About
    "about_lead": Message(
        "{model} says which of 22 body parts a plain radiograph shows, how sure it "
        "is, and which places of the picture speak for the answer.",
        "{model} dice cuál de 22 partes del cuerpo muestra una radiografía simple, "
        "con qué seguridad, y qué lugares de la imagen hablan a favor.",
    ),
    "about_warning": Message(
        "For research and archive work. Not a medical device: not for diagnosis, "
        "nor for choosing a treatment.",
        "Para investigación y trabajo de archivo. No es un producto sanitario: no "
        "sirve para diagnosticar ni para elegir un tratamiento.",
    ),
    "about_colors": Message("What the colors mean", "Qué significan los colores"),
    "about_colors_more": Message(
        "A picture that does not look like a radiograph gets no color but the reason, "
        "with the best guess beside it.",
        "Una imagen que no parece una radiografía no recibe color sino el motivo, con "
        "la conjetura más probable al lado.",
    ),
    "about_good": Message("How good it is", "Qué tan bueno es"),
    "about_training": Message("What it learned from", "De qué aprendió"),
    "about_limits": Message("Limits", "Límites"),
    "about_license": Message("License and credits", "Licencia y créditos"),
    "limits": Message(
        "- Films of hospitals that are not among the sources are answered less "
        "well.\n"
        "- Rare parts come from few patients: clavicles and skull 5 each, forearm 9, "
        "thigh 10, elbow and lower leg 13, sinus 15, finger 16. Their figures say "
        "little.\n"
        "- “Others” was learned mostly from DXA pictures and fluoroscopy frames.\n"
        "- No side, age or sex is told; projection, fracture and hardware only where "
        "someone turns the findings on.\n"
        "- A heat map shows what speaks for an answer, not that the answer is right.",
        "- Las radiografías de hospitales que no están entre las fuentes se reconocen "
        "peor.\n"
        "- Las partes raras vienen de pocos pacientes: clavículas y cráneo 5 cada "
        "una, antebrazo 9, muslo 10, codo y pierna 13, senos paranasales 15, dedo 16. "
        "Sus cifras dicen poco.\n"
        "- «Otros» se aprendió sobre todo de imágenes DXA y de fluoroscopia.\n"
        "- No se dice lado, edad ni sexo; proyección, fractura y metal solo si alguien "
        "activa los hallazgos.\n"
        "- Un mapa de calor muestra qué habla a favor de una respuesta, no que la "
        "respuesta sea correcta.",
    ),
    "license_weights": Message(
        "Code: MIT. Weights: {license}, as they learned from UNIFESP films; that "
        "allows no commercial use. Example radiographs: FracAtlas, CC BY 4.0.",
        "Código: MIT. Pesos: {license}, porque aprendieron de radiografías de "
        "UNIFESP; no se permite el uso comercial. Radiografías de ejemplo: FracAtlas, "
        "CC BY 4.0.",
    ),
    "not_measured": Message(
        "The card of these weights holds no figures yet.",
        "La ficha de estos pesos todavía no contiene cifras.",
    ),
    "measured_on": Message("Measured on {name}", "Medido en {name}"),
    "measured_how": Message(
        "{films} films of {patients} patients; intervals are 95 %, by drawing patients "
        "again.",
        "{films} radiografías de {patients} pacientes; intervalos del 95 %, por "
        "remuestreo de pacientes.",
    ),
    "seen_in_training": Message(
        "Some of these films were in training: these figures flatter.",
        "Algunas de estas radiografías se usaron para entrenar: las cifras favorecen.",
    ),
    "figure_any_label": Message("Any of its labels", "Alguna de sus etiquetas"),
    "figure_strict": Message("Its only label", "Su única etiqueta"),
    "figure_any_label_or_neighbor": Message("Or a neighbor", "O una vecina"),
    "figure_macro_recall": Message("Mean over parts", "Media por parte"),
    "interval": Message("{low} to {high}", "{low} a {high}"),
    "bands_measured": Message("What each color was worth", "Lo que valió cada color"),
    "band_measured": Message(
        "{share} of the films · {wrong} of them wrong",
        "{share} de las radiografías · {wrong} de ellas erradas",
    ),
    "calibration": Message(
        "Expected calibration error {error} (15 bins), Brier score {brier}",
        "Error de calibración esperado {error} (15 grupos), puntuación de Brier "
        "{brier}",
    ),
    "per_class": Message("Each body part", "Cada parte del cuerpo"),
    "films_column": Message("Films", "Radiografías"),
    "recall": Message("Found", "Encontradas"),
    "precision": Message("Right when named", "Correctas al nombrarla"),
    "confusion": Message("Confusion matrix", "Matriz de confusión"),
    "confusion_hint": Message(
        "Rows are what the film shows, columns the answer; numbers are films.",
        "Las filas son lo que muestra la radiografía, las columnas la respuesta; los "
        "números son radiografías.",
    ),
    "label": Message("Shows", "Muestra"),
    "answer": Message("Answer", "Respuesta"),
    "changes": Message(
        "Films that arrive otherwise", "Radiografías que llegan de otra forma"
    ),
    "change": Message("Change", "Cambio"),
    "points_lost": Message("Points lost", "Puntos perdidos"),
    "strangers": Message(
        "Pictures that are no radiographs", "Imágenes que no son radiografías"
    ),
    "stranger": Message("Kind", "Clase"),
    "pictures": Message("Pictures", "Imágenes"),
    "stranger_rejected": Message("Rejected", "Rechazadas"),
    "stranger_green": Message("A part in green", "Una parte en verde"),
    "maps_true": Message("Are the heat maps true?", "¿Son ciertos los mapas?"),
    "maps_deletion": Message(
        "Hiding the places that the map names first costs confidence sooner than "
        "hiding random ones in {random} of {films} films, and sooner than hiding the "
        "middle first in {gaussian}.",
        "Tapar primero los lugares que señala el mapa quita confianza antes que tapar "
        "lugares al azar en {random} de {films} radiografías, y antes que tapar el "
        "centro en {gaussian}.",
    ),
    "protocol_fold_0_by_patient": Message(
        "fold 0 by patient", "la partición 0, por paciente"
    ),
    "protocol_films_at_random": Message(
        "A fifth of the films, at random (as the original project measured: patients "
        "on both sides)",
        "Una quinta parte de las radiografías, al azar (como midió el proyecto "
        "original: pacientes en ambos lados)",
    ),
    "kept_out": Message("Kept out of training", "Fuera del entrenamiento"),
    "left_out_measured": Message(
        "Films kept from training altogether", "Radiografías fuera del entrenamiento"
    ),
    "left_out_measured_note": Message(
        "Neither network has learned from these films: the second one was trained anew "
        "without them for this figure. It is what to expect of hospitals that nobody "
        "has seen.",
        "Ninguna de las dos redes aprendió de estas radiografías: la segunda se "
        "entrenó de nuevo sin ellas para esta cifra. Es lo que cabe esperar de "
        "hospitales que nadie ha visto.",
    ),
    "change_turned_90": Message("turned 90°", "girada 90°"),
    "change_turned_180": Message("turned 180°", "girada 180°"),
    "change_turned_270": Message("turned 270°", "girada 270°"),
    "change_mirrored": Message("mirrored", "reflejada"),
    "change_inverted": Message("inverted", "invertida"),
    "change_bordered": Message("bright border", "borde claro"),
    "change_metal": Message("metal drawn over it", "con metal dibujado encima"),
    "change_half_contrast": Message("half contrast", "medio contraste"),
    "change_cropped_to_half": Message("cropped to half", "recortada a la mitad"),
    "stranger_blank": Message("blank", "en blanco"),
    "stranger_noise": Message("noise", "ruido"),
    "stranger_clouds": Message("clouds", "nubes"),
    "stranger_gradients": Message("gradients", "degradados"),
    "stranger_patterns": Message("patterns", "patrones"),
    "stranger_printed_text": Message("printed text", "texto impreso"),
    "stranger_gray_photographs": Message("gray photographs", "fotografías en gris"),
    "stranger_other_imaging": Message("other imaging", "otras técnicas de imagen"),
    "stranger_photographs": Message("photographs", "fotografías"),
    "training_films": Message("Films", "Radiografías"),
    "training_films_by_source": Message("Films by source", "Radiografías por fuente"),
    "training_validation_films": Message(
        "Films held back to validate", "Radiografías reservadas para validar"
    ),
    "training_more": Message(
        "More from the model card", "Más de la ficha del modelo (en inglés)"
    ),
    "network": Message("Network", "Red"),
    "training_of": Message(
        "How {file} was made, from the model card",
        "Cómo se hizo {file}, de la ficha del modelo (en inglés)",
    ),
    "about_ensemble": Message("Two networks", "Dos redes"),
    "ensemble_text": Message(
        "A smaller network that started from a million photographs (EfficientNet-"
        "Lite2) reads every film too and counts {counts} of the answer. The map always "
        "shows what the first one sees.",
        "Una red más pequeña que partió de un millón de fotografías (EfficientNet-"
        "Lite2) también lee cada radiografía y cuenta el {counts} de la respuesta. El "
        "mapa muestra siempre lo que ve la primera.",
    ),
    "measured_by": Message("Measured by", "Medido con"),
}
