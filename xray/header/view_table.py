"""The words behind `projection` and `laterality`, in six languages.

Phrases end at a comma or a line's end; the longest that fits counts. Case and accents
don't matter, and small words do. One line a language, where there is more to say than
Latin says for all: English, Spanish, Portuguese, French, German, Italian.
"""

FRONTAL, LATERAL, OBLIQUE = "frontal", "lateral", "oblique"
SEVERAL = "several"  # of a picture only: more than one film
OTHER = "other"  # of a header only: a view that is none of them, or may be any
FACE = "face"  # frontal in French, a part of the head in English

PROJECTIONS: dict[tuple[str, ...], str] = {
    (FRONTAL,): """
        ap, pa, a p, p a, frontal, frontals, dp, front view
        antero posterior, anteroposterior, postero anterior, posteroanterior
        anterior posterior, posterior anterior
        dorso palmar, dorsopalmar, palmo dorsal, palmodorsal, dorso volar, dorsovolar
        dors pal, dors plant, dorso pal, dpal
        dorso plantar, dorsoplantar, planto dorsal, plantodorsal
        frente, frontales, frontais, anteroposteriores
        antero posterieur, antero posterieure, postero anterieur, de face
        dorso palmaire, dorso plantaire
        ventrodorsal, dorsoventral, volodorsal
        frontale, frontali, antero posteriore, anteroposteriore, postero anteriore
        posteroanteriore, dorso palmare, dorso plantare""",
    (LATERAL,): """
        lat, lateral, laterals, lats, latl, xtable lat, l lat, r lat
        latero medial, lateromedial, medio lateral, mediolateral, latero lateral
        laterolateral, lateral medial, medial lateral
        laterales, perfil, perfiles, de perfil
        laterais, perfis
        profil, profils, laterale, laterales, lateraux, de profil
        seitlich, seitl, seitenaufnahme, seitliche
        laterali, profilo, latero laterale, laterolaterale""",
    (OBLIQUE,): """
        obl, obls, obliq, oblique, obliques, obliqued, rao, lao, rpo, lpo
        oblicua, oblicuas, oblicuo, oblicuos, semiprono, semi prono
        obliqua, obliquas, obliquo, obliquos
        trois quarts
        schräg, schrägaufnahme, schräge, zither, zitherspieler
        obliqui, obliqua""",
    (FRONTAL, LATERAL): """
        aplat, palat, ap l lat, ap y l, pa y l, ap and l, pa and l
        frente y perfil, ap p, pa p, ap e p, pa e p, ap y p, pa y p, f p
        f et p, f e p, face profil, face et profil, profil face, ap et p, face p
        ap ll, pa ll, ap e ll, pa e ll, a p l l, p a l l""",
    (OBLIQUE, OTHER): "3 4",  # of a turn in French, or fingers
    (FRONTAL, OTHER): "d p, d pl, d v, dv, vd, true ap, grashey",
    (LATERAL, OTHER): "ll, l l, rl, crosstable, cross table, hbl",
    (LATERAL, OBLIQUE, OTHER): "swimmer, swimmers, nadador, faux profil, lequesne, oml",
    (FACE,): "face",
    # Neither: nothing is said of the network's answer.
    (OTHER,): """
        axial, axials, axiale, axiales, axiaux, axiais, assiale, assiali
        axillary, axillar, axilar, axillaire, ascellare
        tangential, tangencial, tangentiel, tangentielle, tangenziale, tangentiale
        sunrise, skyline, merchant, laurin, settegast, hughston, knutsson, brattstrom
        tunnel, tunel, notch, rosenberg, schuss, holmblad, frick, beclere, intercondylar
        defile, defiles, dfp, incidence 30, incidence 60
        y view, y aufnahme, scapular y, scap y, lamy, neer, outlet, transscapular
        transscapula, transescapular, garth, stryker, velpeau, west point, bernageau
        garraud, zanca, serendipity, apical, transthoracic, bloom obata, railliet
        mortise, mortice, mortaja, mortaise, broden, harris, saltzman, meary
        cyma, sesamoid, sesamoids, kite, anthonsen, sustentaculum
        lauenstein, lowenstein, lowestein, frog, frogleg, frog leg, frog legs, froglat
        rana, batracio, perna ra, grenouille, dunn, von rosen, van rosen, cleaves
        ducroquet, judet, alar, alaire, ala, obturator, obturatriz, obturatrice
        inlet, danelius miller, danelius, johnson, lequesne
        towne, townes, waters, water, caldwell, blondeau, hirtz, worms, schuller
        schüller, stenvers, rhese, guillen, chausse, smv, submentovertex
        submentovertical, submento vertex, basal, base skull, base craneo
        mento naso, mentonaso, fronto naso, frontonaso, naso mento, naso frontal
        nasomentoniana, frontonasoplaca, mentonasoplaca, fnp, mnp
        occipito mental, occipitomental, om, om30, occipito frontal, occipitofrontal
        open mouth, boca abierta, boca aberta, bouche ouverte, offener mund
        bocca aperta, transoral, odontoid, odontoides, odontoide, dens
        haas, titterington, parietoacanthial
        flexion, flex, extension, ext flex, flexao, extensao, reklination, inklination
        funktion, funktionsaufnahme, funktionsaufnahmen, flessione, estensione
        dinamica, dinamicas, dynamique, dynamiques, bending, ferguson
        lateral bending, bending lateral, lateral flexion, flexion lateral
        lordotic, lordotica, lordotique, apicolordotic, apico lordotica, lindblom
        lateral decubitus, lateral decub, lat decub, lat decubitus, decub lat
        decubitus lateral, decubito lateral, decubitus lateralis, decub lateral
        decubitus left lateral, decubitus right lateral, decubito laterale
        linksseitenlage, rechtsseitenlage, seitenlage, rld, lld
        brewerton, norgaard, ball catcher
        ballcatcher, gedda, kapandji, clenched fist, stecher
        carpal tunnel, gaynor hart, ulnar deviation, banana, coyle, greenspan
        panoramic, panoramica, panoramique, opg, cephalometric
        caudocranial, craniocaudal, cranio caudal, caudo cranial, cc, mlo""",
    # Not of the projection at all.
    (): """
        lateral malleolus, lateral condyle, lateral epicondyle, lateral clavicle
        lateral meniscus, lateral compartment, lateral tibial plateau, lateral plateau
        maleolo lateral, malleole laterale, condilo lateral, epicondilo lateral
        maleolo externo, lateraler malleolus, laterale malleolus
        frontal sinus, frontal sinuses, sinus frontal, sinus frontaux, seno frontal
        senos frontales, seio frontal, seios frontais, seni frontali, seno frontale
        frontal bone, hueso frontal, os frontal, osso frontal, osso frontale
        bi lateral, bi laterale, bi laterales""",
}

# "knee 2 views" names none of them, and says that there are others beside.
COUNTED = """
    v, vw, vws, view, views, proj, projection, projections, pos, position, positions
    p, proy, proyeccion, proyecciones, posiciones
    inc, incidencia, incidencias, projecao, projecoes, posicoes
    incidence, incidences, cliche, cliches, plan, plans
    ebene, ebenen, eb, e, projektion, projektionen, aufnahme, aufnahmen
    proiezione, proiezioni, proiez, pr, incidenze"""
NUMBERS = {
    2: "two, dos, duas, dois, deux, zwei, due, both",
    3: "three, tres, trois, drei, tre",
    4: "four, cuatro, quatro, quatre, vier, quattro",
    5: "five, cinco, cinq, fünf, cinque",
}
JOINING = "and, y, e, et, und, a, in, en, de, di, con, com, mit, avec"

# The element alone; the same letters say something else in a description.
VIEW_POSITION: dict[tuple[str, ...], str] = {
    (LATERAL,): "ll, rl, left lat, right lat, ml, lm",
    (LATERAL, OBLIQUE): "rlo, llo",
    (OTHER,): "rld, lld, cc, mlo, lmo, xccl, xccm, fb, sio",
}

LEFT, RIGHT, BOTH = "L", "R", "B"

SIDES: dict[str, str] = {
    LEFT: """
        left, lt, l, lft
        izquierda, izquierdo, izquierdas, izquierdos, izq, izqda, izqdo, izda, izdo
        esquerda, esquerdo, esquerdas, esquerdos, esq, esqdo, esqda
        gauche, gauches, gche
        links, linke, linker, linkes, linken, lks
        sinistra, sinistro, sinistre, sinistri, sx, sn, sinist""",
    RIGHT: """
        right, rt, r, rgt, rght
        derecha, derecho, derechas, derechos, dcha, dcho, drcha, drcho, dch, dchas
        direita, direito, direitas, direitos, dta, dto, dir
        droite, droit, droites, droits, dte, drt
        rechts, rechte, rechter, rechtes, rechten
        destra, destro, destre, destri, dex""",
    BOTH: """
        both, bilateral, bilat, bil, bilaterally, r and l, l and r, right and left
        left and right, bi lateral, b l
        ambos, ambas, bilaterales
        bilaterais
        bilaterale, bilateraux, bilaterales, les deux
        beide, beider, beidseits, beidseitig, bds, re und li, li und re
        bilaterali, entrambi, entrambe, ambedue""",
}
# Only where they end a text, the words of its projection taken off: "Hand re. a.p.".
# Elsewhere they are articles, "without", or "digital radiography".
LAST_SIDES: dict[str, str] = {
    LEFT: "li, g, sin, iz",
    RIGHT: "re, d, dx, der, dr, dt",
}
LAST_WORD_SIDES: dict[str, str] = {LEFT: "e"}  # "and", but for the very last word
# "L spine" is lumbar, "r/o" is "rule out".
NO_SIDES = """
    l spine, l sp, l s, l s spine, t l, t l spine, c t l, l column
    l 1, l 2, l 3, l 4, l 5, spine l, columna l, coluna l, colonne l, colonna l
    l l, r o, r x"""
