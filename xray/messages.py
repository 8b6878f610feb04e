"""What xray says when it refuses a file or warns of one, in every language.

One catalog, so that the page can be switched and docs/messages.md can list them all.
Each message names what was expected, what was received, the DICOM tag where
there is one, and what the person can do.
"""

from dataclasses import dataclass

from .labels import Language


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence pattern in the app's languages, with {placeholders}."""

    english: str
    spanish: str
    warns: bool = True  # False: only says how a film was read

    def text(self, language: Language = "en") -> str:
        """Choose the pattern of a language."""
        return self.spanish if language == "es" else self.english


MESSAGES: dict[str, Message] = {
    "empty": Message(
        "Expected a DICOM, PNG or JPEG file, received an empty one. "
        "Copy or export it again.",
        "Se esperaba un archivo DICOM, PNG o JPEG y llegó uno vacío. "
        "Cópielo o expórtelo de nuevo.",
    ),
    "unreadable": Message(
        "Expected a file that can be opened, received: {reason}. "
        "Check its path and permissions.",
        "Se esperaba un archivo que se pueda abrir y se recibió: {reason}. "
        "Revise su ruta y sus permisos.",
    ),
    "unwritable": Message(
        "Expected to write {path}, received: {reason}. "
        "Choose another folder, or make room.",
        "Se esperaba poder escribir {path} y se recibió: {reason}. "
        "Elija otra carpeta o haga sitio.",
    ),
    "unsupported": Message(
        "Expected a DICOM, PNG or JPEG file, received something else. "
        "Export the radiograph in one of these formats.",
        "Se esperaba un archivo DICOM, PNG o JPEG y llegó otra cosa. "
        "Exporte la radiografía en uno de estos formatos.",
    ),
    "damaged": Message(
        "Expected a complete {kind} file, this one is damaged or cut short. "
        "Export or copy it again.",
        "Se esperaba un archivo {kind} completo y este está dañado o cortado. "
        "Expórtelo o cópielo de nuevo.",
    ),
    "file_too_large": Message(
        "Expected at most {limit}, received {received}. "
        "Export the picture at a smaller size.",
        "Se esperaba como máximo {limit} y llegaron {received}. "
        "Exporte la imagen a un tamaño menor.",
    ),
    "too_many_pixels": Message(
        "Expected at most {limit} pixels, received {received}. "
        "Export the picture at a smaller size.",
        "Se esperaban como máximo {limit} píxeles y llegaron {received}. "
        "Exporte la imagen a un tamaño menor.",
    ),
    "side_too_long": Message(
        "Expected at most {limit} pixels a side, as {kind} files can have, received "
        "{received}. Export the picture at a smaller size.",
        "Se esperaban como máximo {limit} píxeles por lado, como admiten los archivos "
        "{kind}, y llegaron {received}. Exporte la imagen a un tamaño menor.",
    ),
    "bad_tag": Message(
        "Expected {expected} in {tag}, received {received}. "
        "Export the image again from the PACS or the workstation.",
        "Se esperaba {expected} en {tag} y llegó {received}. "
        "Exporte la imagen de nuevo desde el PACS o la estación de trabajo.",
    ),
    "bad_array": Message(
        "Expected gray pixels, an array (height, width) with values from 0 to 1, "
        "received {received}. Scale it, or give the file itself.",
        "Se esperaban píxeles grises, una matriz (alto, ancho) con valores de 0 a 1, y "
        "llegó {received}. Escálela o entregue el archivo mismo.",
    ),
    "no_pixels": Message(
        "Expected an image with Pixel Data (7FE0,0010), received a DICOM file "
        "without it, such as a report or a document. Choose the image itself.",
        "Se esperaba una imagen con Pixel Data (7FE0,0010) y llegó un archivo DICOM "
        "sin ella, como un informe o un documento. Elija la propia imagen.",
    ),
    "dicomdir": Message(
        "Expected an image, received a DICOMDIR, the index of a disc. "
        "Choose the image files of the disc themselves.",
        "Se esperaba una imagen y llegó un DICOMDIR, el índice de un disco. "
        "Elija los propios archivos de imagen del disco.",
    ),
    "short_pixels": Message(
        "Expected {expected} bytes in Pixel Data (7FE0,0010), as Rows, Columns and "
        "Number of Frames say, received {received}. Export or copy the file again.",
        "Se esperaban {expected} bytes en Pixel Data (7FE0,0010), según Rows, Columns "
        "y Number of Frames, y llegaron {received}. "
        "Exporte o copie el archivo de nuevo.",
    ),
    "codestream_size": Message(
        "Expected a compressed picture of {expected} pixels, as Columns (0028,0011) "
        "and Rows (0028,0010) say, received {received}. Export the image again.",
        "Se esperaba una imagen comprimida de {expected} píxeles, según Columns "
        "(0028,0011) y Rows (0028,0010), y llegó una de {received}. "
        "Exporte la imagen de nuevo.",
    ),
    "transfer_syntax": Message(
        "Expected a transfer syntax of docs/reading.md in Transfer Syntax UID "
        "(0002,0010), received {received}. "
        "Export the image uncompressed (Explicit VR Little Endian).",
        "Se esperaba una sintaxis de transferencia de docs/reading.md en Transfer "
        "Syntax UID (0002,0010) y llegó {received}. "
        "Exporte la imagen sin comprimir (Explicit VR Little Endian).",
    ),
    "undecodable": Message(
        "Expected a frame compressed as {syntax}, see Transfer Syntax UID (0002,0010), "
        "received one no decoder can read. Export the image uncompressed.",
        "Se esperaba un cuadro comprimido como {syntax}, véase Transfer Syntax UID "
        "(0002,0010), y llegó uno que ningún decodificador lee. "
        "Exporte la imagen sin comprimir.",
    ),
    "not_encapsulated": Message(
        "Expected pixels compressed as {syntax}, see Transfer Syntax UID (0002,0010), "
        "received neither a compressed picture nor the number of bytes of an "
        "uncompressed one. Export the image again.",
        "Se esperaban píxeles comprimidos como {syntax}, véase Transfer Syntax UID "
        "(0002,0010), y no llegó una imagen comprimida ni los bytes de una sin "
        "comprimir. Exporte la imagen de nuevo.",
    ),
    "not_native": Message(
        "Expected uncompressed pixels, as {syntax} in Transfer Syntax UID (0002,0010) "
        "says, received encapsulated ones that no known codec begins like. "
        "Export the image again.",
        "Se esperaban píxeles sin comprimir, como dice {syntax} en Transfer Syntax UID "
        "(0002,0010), y llegaron encapsulados de un códec desconocido. "
        "Exporte la imagen de nuevo.",
    ),
    "palette": Message(
        "Expected red, green and blue tables (0028,1101 to 0028,1203) for PALETTE "
        "COLOR, received none that can be used. Export the image again.",
        "Se esperaban tablas de rojo, verde y azul (0028,1101 a 0028,1203) para "
        "PALETTE COLOR y no llegó ninguna utilizable. Exporte la imagen de nuevo.",
    ),
    "too_nested": Message(
        "Expected sequences nested a few levels deep, received a file that nests them "
        "without end. Export the image again; don't trust this file.",
        "Se esperaban secuencias anidadas en pocos niveles y llegó un archivo que las "
        "anida sin fin. Exporte la imagen de nuevo; no confíe en este archivo.",
    ),
    "too_many_elements": Message(
        "Expected a header of at most {limit} elements, received more. "
        "Export the image again; don't trust this file.",
        "Se esperaba una cabecera de {limit} elementos como máximo y llegaron más. "
        "Exporte la imagen de nuevo; no confíe en este archivo.",
    ),
    "too_slow": Message(
        "Expected a file that is decoded within {seconds} seconds, ended this one. "
        "Export the image uncompressed, or at a smaller size.",
        "Se esperaba un archivo que se decodifica en {seconds} segundos y este se "
        "interrumpió. Exporte la imagen sin comprimir o a un tamaño menor.",
    ),
    "too_much_memory": Message(
        "Expected a file that is decoded within the memory limit, this one isn't. "
        "Export the image uncompressed, or at a smaller size.",
        "Se esperaba un archivo que se decodifica dentro del límite de memoria y este "
        "lo supera. Exporte la imagen sin comprimir o a un tamaño menor.",
    ),
    "decoder_died": Message(
        "Expected a file that can be decoded, this one made its decoder stop. "
        "Export the image again, uncompressed; don't trust this file.",
        "Se esperaba un archivo decodificable y este detuvo a su decodificador. "
        "Exporte la imagen de nuevo, sin comprimir; no confíe en este archivo.",
    ),
    "program_error": Message(
        "Expected to answer this file, met a mistake in xray itself ({kind}). Report "
        "it with what the program logged; no other file is affected.",
        "Se esperaba poder responder a este archivo, pero hay un error en el propio "
        "xray ({kind}). Comuníquelo con lo que registró el programa; ningún otro "
        "archivo se ve afectado.",
    ),
    "too_many_files": Message(
        "Expected at most {limit} files in one upload, those inside zips included. "
        "The rest was left out: upload it in a second go.",
        "Se esperaban como máximo {limit} archivos por carga, contando los de los zip. "
        "El resto quedó fuera: súbalo en una segunda carga.",
    ),
    "upload_too_large": Message(
        "Expected at most {limit} bytes in one upload, zips unpacked. "
        "The rest was left out: upload it in a second go.",
        "Se esperaban como máximo {limit} bytes por carga, con los zip descomprimidos. "
        "El resto quedó fuera: súbalo en una segunda carga.",
    ),
    "server_full": Message(
        "Expected at most {limit} bytes of files to wait here, those of everyone who "
        "uses this server together. This file and those after it were left out: drop "
        "them again when what waits is done.",
        "Se esperaban como máximo {limit} bytes de archivos en espera, contando los de "
        "todas las personas que usan este servidor. Este archivo y los siguientes "
        "quedaron fuera: suéltelos otra vez cuando termine lo que espera.",
    ),
    "request_too_large": Message(
        "Expected a request of at most {limit} bytes, received more. "
        "Send fewer files, or smaller ones; POST /v1/jobs takes many.",
        "Se esperaba una petición de {limit} bytes como máximo y llegó más. "
        "Envíe menos archivos, o más pequeños; POST /v1/jobs acepta muchos.",
    ),
    "too_many_parts": Message(
        "Expected at most {limit} files in one request, received more. "
        "Send the rest in a second one; POST /v1/jobs takes many.",
        "Se esperaban como máximo {limit} archivos por petición y llegaron más. "
        "Envíe el resto en otra; POST /v1/jobs acepta muchos.",
    ),
    "media_type": Message(
        "Expected Content-Type {expected}, received another. "
        "Name the type of what is sent; its content decides how it is read.",
        "Se esperaba Content-Type {expected} y llegó otro. "
        "Indique el tipo de lo enviado; su contenido decide cómo se lee.",
    ),
    "bad_multipart": Message(
        "Expected a multipart body with the boundary of its Content-Type, received "
        "one that breaks off or is no multipart. Send it again.",
        "Se esperaba un cuerpo multipart con el boundary de su Content-Type y llegó "
        "uno cortado o que no lo es. Envíelo de nuevo.",
    ),
    "body_too_slow": Message(
        "Expected the whole request within {seconds} seconds, stopped waiting. "
        "Send fewer files at once.",
        "Se esperaba la petición completa en {seconds} segundos y se dejó de esperar. "
        "Envíe menos archivos a la vez.",
    ),
    "no_token": Message(
        "Expected a known token in the header Authorization: Bearer, received none or "
        "another. Ask whoever runs the server for one.",
        "Se esperaba una credencial conocida en la cabecera Authorization: Bearer y "
        "llegó otra o ninguna. Pídala a quien administra el servidor.",
    ),
    "foreign_origin": Message(
        "Expected a request of this server's own page or of a program, received one "
        "that another page made. Start the server with --allow-origin to allow it.",
        "Se esperaba una petición de la propia página o de un programa y llegó una de "
        "otra página. Inicie el servidor con --allow-origin para permitirla.",
    ),
    "unknown_path": Message(
        "Expected a path of GET /openapi.json, received another, or one whose "
        "thing is gone. Check the address.",
        "Se esperaba una ruta de GET /openapi.json y llegó otra, o una cuyo recurso "
        "ya no existe. Revise la dirección.",
    ),
    "wrong_method": Message(
        "Expected a method that this path has, see the header Allow, received "
        "another. See GET /openapi.json.",
        "Se esperaba un método de esta ruta, véase la cabecera Allow, y llegó otro. "
        "Consulte GET /openapi.json.",
    ),
    "bad_parameter": Message(
        "Expected {expected} in {name}, received something else. "
        "See GET /openapi.json.",
        "Se esperaba {expected} en {name} y llegó otra cosa. "
        "Consulte GET /openapi.json.",
    ),
    "key_reused": Message(
        "Expected the same body under the same Idempotency-Key, received another. "
        "Choose a new key for a new job.",
        "Se esperaba el mismo cuerpo con la misma Idempotency-Key y llegó otro. "
        "Elija una clave nueva para un trabajo nuevo.",
    ),
    "queue_full": Message(
        "Expected fewer requests at a time: all places are taken. "
        "Send this one again, after the seconds of Retry-After.",
        "Se esperaban menos peticiones a la vez: no queda sitio. "
        "Envíela de nuevo tras los segundos de Retry-After.",
    ),
    "work_too_slow": Message(
        "Expected an answer within {seconds} seconds, stopped waiting for it. "
        "Send the request again later, or with fewer files.",
        "Se esperaba una respuesta en {seconds} segundos y se dejó de esperar. "
        "Repita la petición más tarde, o con menos archivos.",
    ),
    "stopping": Message(
        "Expected a server that goes on, this one is being stopped. "
        "Send the request again, after the seconds of Retry-After.",
        "Se esperaba un servidor en marcha y este se está deteniendo. "
        "Repita la petición tras los segundos de Retry-After.",
    ),
    "disk_full": Message(
        "Expected room on the server's disk, too little is left to keep files. "
        "Nothing was stored: make room there, and send it again.",
        "Se esperaba espacio en el disco del servidor y queda demasiado poco. "
        "No se guardó nada: haga sitio y envíelo de nuevo.",
    ),
    "spool_failed": Message(
        "Expected the server's queue to answer, it failed. Nothing was stored: send it "
        "again later, and tell who runs the server if it stays so.",
        "Se esperaba una respuesta de la cola del servidor y ha fallado. No se guardó "
        "nada: envíelo más tarde y avise a quien lleva el servidor si sigue así.",
    ),
    "too_many_members": Message(
        "Expected at most {limit} entries in a zip, received more. "
        "Split it into smaller zips.",
        "Se esperaban como máximo {limit} entradas en un zip y llegaron más. "
        "Divídalo en varios zip.",
    ),
    "zip_unreadable": Message(
        "Expected a zip without password, packed in the usual way (deflate). "
        "Unpack it and upload the files themselves.",
        "Se esperaba un zip sin contraseña, comprimido del modo habitual (deflate). "
        "Descomprímalo y suba los propios archivos.",
    ),
    "empty_zip": Message(
        "Expected radiographs inside the zip, received one without files. "
        "Pack or export them again.",
        "Se esperaban radiografías dentro del zip y llegó uno sin archivos. "
        "Empaquételas o expórtelas de nuevo.",
    ),
    "nested_zip": Message(
        "Expected a radiograph inside the zip, received another zip. "
        "Unpack it and upload its files.",
        "Se esperaba una radiografía dentro del zip y llegó otro zip. "
        "Descomprímalo y suba sus archivos.",
    ),
    "zip_ratio": Message(
        "Expected a file that unpacks to at most {limit} times its packed size, "
        "received one that grows more, as zip bombs do. Upload it unpacked.",
        "Se esperaba un archivo que al descomprimirse crece como máximo {limit} veces "
        "y llegó uno que crece más, como las bombas zip. Súbalo sin comprimir.",
    ),
    "rejected_colored": Message(
        "Does not look like a radiograph: it is a color picture.",
        "No parece una radiografía: es una imagen en color.",
    ),
    "rejected_small": Message(
        "Too small to tell: a side is shorter than 32 pixels.",
        "Demasiado pequeña: un lado mide menos de 32 píxeles.",
    ),
    "rejected_blank": Message(
        "Blank exposure: the picture has hardly any contrast.",
        "Exposición en blanco: la imagen apenas tiene contraste.",
    ),
    "rejected_rough": Message(
        "Does not look like a radiograph: noise, or printed text.",
        "No parece una radiografía: es ruido o texto impreso.",
    ),
    "rejected_smooth": Message(
        "Does not look like a radiograph: nothing but soft shades.",
        "No parece una radiografía: solo hay sombras difusas.",
    ),
    "rejected_unfamiliar": Message(
        "Unlike the radiographs that the network learned from.",
        "Distinta de las radiografías de las que aprendió la red.",
    ),
    "read_turned": Message(
        "Seems to lie turned by {degrees}° against the clock: it was read upright.",
        "Parece girada {degrees}° en sentido antihorario: se leyó enderezada.",
    ),
    "read_inverted": Message(
        "Seems to have black and white swapped: it was read as its negative.",
        "Parece tener el blanco y el negro invertidos: se leyó como su negativo.",
    ),
    "read_bordered": Message(
        "Lies in a bright, unexposed border: it was read with that made black.",
        "Está rodeada de un borde claro sin exponer: se leyó con él en negro.",
    ),
    "not_radiograph": Message(
        "Not a plain radiograph: Modality (0008,0060) is {modality}. "
        "Don't rely on the answer.",
        "No es una radiografía simple: Modality (0008,0060) es {modality}. "
        "No se fíe de la respuesta.",
    ),
    "burned_in": Message(
        "Text may be burned into the picture: Burned In Annotation (0028,0301) is "
        "YES. It may identify the patient; check before sharing the picture.",
        "La imagen puede llevar texto incrustado: Burned In Annotation (0028,0301) "
        "es YES. Puede identificar al paciente; revísela antes de compartirla.",
    ),
    "middle_frame": Message(
        "Frame {frame} of {frames} is shown, the middle one.",
        "Se muestra el cuadro {frame} de {frames}, el del medio.",
        warns=False,
    ),
    "not_square": Message(
        "Pixels are {ratio} times as high as wide, as {tag} says: the picture was "
        "stretched to its real shape.",
        "Los píxeles son {ratio} veces más altos que anchos, según {tag}: la imagen se "
        "estiró a su forma real.",
        warns=False,
    ),
    "read_compressed": Message(
        "Transfer Syntax UID (0002,0010) says {said}, but the pixels are compressed as "
        "{found}; they were read so.",
        "Transfer Syntax UID (0002,0010) dice {said}, pero los píxeles están "
        "comprimidos como {found}; se leyeron así.",
        warns=False,
    ),
    "read_uncompressed": Message(
        "Transfer Syntax UID (0002,0010) says {said}, but the pixels are uncompressed; "
        "they were read so.",
        "Transfer Syntax UID (0002,0010) dice {said}, pero los píxeles no están "
        "comprimidos; se leyeron así.",
        warns=False,
    ),
    "window_ignored": Message(
        "Window Center (0028,1050) and Window Width (0028,1051) would hide the "
        "picture; brightness was set from the picture instead.",
        "Window Center (0028,1050) y Window Width (0028,1051) ocultarían la imagen; "
        "el brillo se ajustó según la imagen.",
    ),
    "rescale_ignored": Message(
        "Rescale Slope (0028,1053) and Rescale Intercept (0028,1052) would hide the "
        "picture; it is shown without them.",
        "Rescale Slope (0028,1053) y Rescale Intercept (0028,1052) ocultarían la "
        "imagen; se muestra sin ellas.",
    ),
    "lut_ignored": Message(
        "The look-up table in {tag} can't be used; the picture is shown without it.",
        "La tabla de consulta en {tag} no se puede usar; "
        "la imagen se muestra sin ella.",
    ),
    "needs_dicom": Message(
        "Expected a DICOM file, received another kind. "
        "Only a DICOM file has a header to report on or to correct.",
        "Se esperaba un archivo DICOM y llegó otro tipo. "
        "Solo un archivo DICOM tiene cabecera que informar o corregir.",
    ),
    "needs_tag": Message(
        "Expected a value in {tag}, received none. The result has to refer to it; "
        "export the radiograph again from its archive.",
        "Se esperaba un valor en {tag} y no hay ninguno. El resultado debe referirse "
        "a él; exporte de nuevo la radiografía desde su archivo.",
    ),
    "unknown_charset": Message(
        "Expected texts in a character set that Specific Character Set (0008,0005) "
        "names, received one that isn't known. Correct it in the archive first.",
        "Se esperaban textos en un juego de caracteres que nombre Specific Character "
        "Set (0008,0005) y llegó uno desconocido. Corríjalo antes en el archivo.",
    ),
    "no_code": Message(
        "The picture shows none of the 21 named body parts, so there is no code to "
        "write. Enter the body part by hand.",
        "La imagen no muestra ninguna de las 21 partes con nombre, así que no hay "
        "código que escribir. Indique la parte a mano.",
    ),
    "too_unsure": Message(
        "Expected a confidence of {expected}, received {received} for "
        "{part}. Nothing is changed; check the picture by eye.",
        "Se esperaba una confianza de {expected} y fue de {received} para "
        "{part}. No se cambia nada; mire la imagen.",
    ),
    "signed": Message(
        "Expected a file that nobody has signed, received Digital Signatures Sequence "
        "(FFFA,FFFA), which a correction would make untrue. Correct it where it was "
        "signed.",
        "Se esperaba un archivo sin firmar y llegó Digital Signatures Sequence "
        "(FFFA,FFFA), que una corrección dejaría sin valor. Corríjalo donde se firmó.",
    ),
    "frame_anatomy": Message(
        "Expected one body part for the whole file, received Frame Anatomy Sequence "
        "(0020,9071), which names it frame by frame. Correct it in the archive.",
        "Se esperaba una parte para todo el archivo y llegó Frame Anatomy Sequence "
        "(0020,9071), que la nombra imagen por imagen. Corríjala en el archivo.",
    ),
    "file_exists": Message(
        "Expected a path where no file is yet, {path} exists. Choose another name.",
        "Se esperaba una ruta sin archivo y {path} ya existe. Elija otro nombre.",
    ),
    "film_gone": Message(
        "Expected the film where the audit found it, received nothing. "
        "Connect its disk or put it back; it is passed over.",
        "Se esperaba la placa donde la encontró la auditoría y no está. "
        "Conecte su disco o devuélvala a su sitio; se pasa por alto.",
    ),
    "film_changed": Message(
        "Expected the film that was audited, received another file in its place. "
        "Audit the archive again; it is passed over.",
        "Se esperaba la placa que se auditó y en su lugar hay otro archivo. "
        "Audite de nuevo el archivo; se pasa por alto.",
    ),
    "other_modality": Message(
        "Not a plain radiograph: Modality (0008,0060) is {modality}. "
        "It is counted, not classified.",
        "No es una radiografía simple: Modality (0008,0060) es {modality}. "
        "Se cuenta, no se clasifica.",
    ),
    "map_empty": Message(
        "The map is empty: nothing at the explained layer speaks for this part by "
        "Grad-CAM++. The prediction has no picture of its reasons.",
        "El mapa está vacío: en la capa explicada nada habla a favor de esta parte "
        "según Grad-CAM++. La predicción no tiene imagen de sus razones.",
    ),
    "findings_research": Message(
        "experimental, for research, not for diagnosis",
        "experimental, para investigación, no para diagnóstico",
        warns=False,
    ),
    "findings_not_asked": Message(
        "no findings: of this part, or as sure as this, nothing can be asked",
        "sin hallazgos: de esta parte, o con esta seguridad, nada se puede preguntar",
        warns=False,
    ),
}
