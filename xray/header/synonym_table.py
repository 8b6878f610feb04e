"""The words behind `synonyms`: what people call the 22 parts in six languages.

Three tables, by how much a word says:

- PARTS: the part itself; a film of it shows what the word says.
- NEAR: a bone, joint or region in or around the part, narrower or broader than
  the class. Such a word neither proves the part nor contradicts it.
- VAGUE: words that count only where nothing else was understood, because beside
  other words they mean something else ("thorax face" is a frontal chest film).

Phrases end at a comma or a line's end. Terms of Body Part Examined (PS3.16
Annex L) stand among the everyday words. Case and accents don't matter.
"""

from ..labels import OTHERS

_ABDOMEN, _ANKLE, _CSPINE, _CHEST, _CLAVICLE, _ELBOW, _FOOT, _FINGER = range(8)
_FOREARM, _HAND, _HIP, _KNEE, _LOWER_LEG, _LSPINE = range(8, 14)
_PELVIS, _SHOULDER, _SINUS, _SKULL, _THIGH, _TSPINE, _WRIST = range(15, 22)
_SPINES = (_CSPINE, _TSPINE, _LSPINE)
_ARM = (_SHOULDER, _ELBOW, _FOREARM, _WRIST, _HAND, _FINGER)
_LEG = (_HIP, _THIGH, _KNEE, _LOWER_LEG, _ANKLE, _FOOT)


# One line a language: English, Spanish, Portuguese, French, German, Italian.
PARTS: dict[tuple[int, ...], str] = {
    (_ABDOMEN,): """
        abdomen, abdominal, abd, abdo, plain abdomen, acute abdomen, belly
        abdomen simple, vientre, radiografia simple abdominal
        abdome, abdominais
        abdomen sans preparation, asp, ventre
        Bauch, Abdomenübersicht, Abdomenleeraufnahme, Bauchraum
        addome, addominale, diretta addome""",
    (_ANKLE,): """
        ankle, ankles, ankle joint, ankl, ank, ankle mortise, mortise, tibiotalar
        tobillo, tobillos, tibiotarsiana, tibio tarsiana
        tornozelo, tornozelos, tibiotarsica, tibio tarsica
        cheville, chevilles, tibio tarsienne, tibiotarsienne
        Sprunggelenk, Sprunggelenke, oberes Sprunggelenk, OSG, Knöchel, Fußgelenk
        caviglia, caviglie, tibio peroneo tarsica""",
    (_CSPINE,): """
        cspine, c spine, cervical, cervicals, c sp, csp, cervical spine, neck spine
        columna cervical, raquis cervical, col cervical, cervicales
        coluna cervical, cervicais
        rachis cervical, colonne cervicale, cervicale
        HWS, Halswirbelsäule, HW Säule, cervikal, zervikal
        colonna cervicale, rachide cervicale, tratto cervicale""",
    (_CHEST,): """
        chest, thorax, cxr, thx, chest xray, thoracic cage
        torax, pecho, telerradiografia torax, teletorax, tele torax
        torax, radiografia pulmonar
        thorax, poitrine, poumon, poumons, thorax pulmonaire, cliche pulmonaire
        Thoraxaufnahme, Thoraxübersicht, Brustkorb, Lungenaufnahme, Röntgenthorax
        torace, toraci""",
    (_CLAVICLE,): """
        clavicle, clavicles, clav, clavicular, collarbone, collar bone, collarbones
        clavicula, claviculas
        clavicula
        clavicule, clavicules
        Schlüsselbein, Klavikula, Klavikel, Clavikula, Schlüsselbeine
        clavicola, clavicole""",
    (_ELBOW,): """
        elbow, elbows, elbow joint, elb, elbw
        codo, codos
        cotovelo, cotovelos
        coude, coudes
        Ellbogen, Ellenbogen, Ellenbogengelenk, Ellbogengelenk, Ellenbogens
        gomito, gomiti""",
    (_FOOT,): """
        foot, feet, whole foot
        pie, pies
        pés, pé tornozelo, tornozelo pé
        pied, pieds
        Fuß, Füße, Fuss, Fuesse, Fussaufnahme
        piede, piedi""",
    (_FINGER,): """
        finger, fingers, digit, digits, fngr, index finger, middle finger, ring finger
        dedo, dedos, dedo mano, dedos mano, dedo indice, dedo medio, dedo anular
        menique
        dedo mão, dedos mão, dedo mãos, quirodactilo, quirodactilos, indicador
        doigt, doigts, doigt main, doigts main, auriculaire
        Finger, Fingers, Zeigefinger, Mittelfinger, Ringfinger, Kleinfinger
        dito, dito mano, dita mano, dita""",
    (_FOREARM,): """
        forearm, forearms, fore arm, farm, frarm
        antebrazo, antebrazos
        antebraço, antebraços
        avant bras, avantbras
        Unterarm, Unterarme, Vorderarm
        avambraccio, avambracci""",
    (_HAND,): """
        hand, hands, hnd
        mano, manos
        mão, mãos
        main droite, main gauche, mains
        Hand, Hände, Mittelhand
        mano, mani""",
    (_HIP,): """
        hip, hips, hip joint, femoral neck, neck femur, coxofemoral, femoral head
        coxofemural, coxo femural, hip joints
        cadera, caderas, articulacion coxofemoral, coxofemorales, cuello femur
        quadril, quadris, anca, ancas, colo femur, coxo femoral, coxo femorais
        hanche, hanches, col femur, col femoral, coxofemorale
        Hüfte, Hüftgelenk, Hüften, Schenkelhals, Femurkopf, Hüftgelenke
        anca, anche, collo femore, collo femorale""",
    (_KNEE,): """
        knee, knees, knee joint, kne
        rodilla, rodillas
        joelho, joelhos
        genou, genoux
        Knie, Kniegelenk, Kniegelenke, Knies
        ginocchio, ginocchia, ginocchi""",
    (_LOWER_LEG,): """
        lower leg, lower legs, lowerleg, shin, shank, crus
        pierna, piernas
        perna, pernas
        jambe, jambes
        Unterschenkel, Unterschenkels
        gamba, gambe""",
    (_LSPINE,): """
        lspine, l spine, lumbar, lumbar spine, l sp, lsp, lower back
        columna lumbar, raquis lumbar, col lumbar, lumbares, zona lumbar
        coluna lombar, lombar
        rachis lombaire, colonne lombaire, lombaire, lumbale, lumbal
        LWS, Lendenwirbelsäule, LW Säule
        colonna lombare, rachide lombare, lombare, tratto lombare""",
    (OTHERS,): """
        breast, breasts, mammography, mammogram, mammo, dxa, dexa, phantom
        whole body, wholebody, entire body, bone density, densitometry
        bone densitometry, fluoroscopy, barium, ugi, dental, tooth, teeth
        skeletal survey
        mama, mamas, mamografia, densitometria, diente, dientes
        dente, dentes, densitometria ossea, corpo inteiro
        mammographie, osteodensitometrie, densitometrie, dent, dents
        Mamma, Mammographie, Ganzkörper, Zahn, Zähne, Knochendichte
        mammella, mammografia, mammelle, denti, moc""",
    (_PELVIS,): """
        pelvis, pelvic, pelv, bony pelvis, pelvic girdle
        pelvis, pelvica
        bacia, pelve
        bassin, pelvis
        Becken, Beckenübersicht, Beckenübersichtsaufnahme, BÜS
        bacino, pelvi""",
    (_SHOULDER,): """
        shoulder, shoulders, shldr, shoul, shoulder joint, glenohumeral, shld
        hombro, hombros
        ombro, ombros
        épaule, épaules
        Schulter, Schultergelenk, Schultern
        spalla, spalle""",
    (_SINUS,): """
        sinus, sinuses, paranasal, paranasal sinus, paranasal sinuses, pns
        waters view
        senos paranasales, spn, seno paranasal, senos maxilares, seno maxilar
        seios face, seios paranasais, seios paranasales, seio maxilar, mento naso
        sinus face, sinus maxillaires, blondeau
        NNH, Nasennebenhöhlen, Nasennebenhöhle, Kieferhöhle, Kieferhöhlen
        seni paranasali, seno paranasale, seni mascellari, seni frontali""",
    (_SKULL,): """
        skull, cranium, cranial, skul
        cráneo, craneal
        crânio, crâniana
        crâne, crânienne
        Schädel, Hirnschädel, Schädelübersicht
        cranio, cranica, teca cranica""",
    (_THIGH,): """
        thigh, thighs, upper leg, upperleg
        muslo, muslos
        coxa, coxas
        cuisse, cuisses
        Oberschenkel
        coscia, cosce""",
    (_WRIST,): """
        wrist, wrists, wrist joint, wrst
        muñeca, muñecas
        punho, punhos, munheca, pulso
        poignet, poignets
        Handgelenk, Handgelenke, Hand gelenk, Handwurzel
        polso, polsi""",
    (_TSPINE,): """
        tspine, t spine, thoracic spine, dspine, d spine, t sp, tsp, upper back
        columna toracica, raquis dorsal
        coluna toracica
        rachis dorsal, rachis thoracique
        BWS, Brustwirbelsäule, BW Säule
        colonna dorsale, rachide dorsale, tratto dorsale, rachide toracico""",
    (_TSPINE, _LSPINE): """
        thoracic lumbar, dorsal lumbar, dorsal lombar""",
    (_HAND, _WRIST): """
        hand wrist, bone age, carpal hand
        edad osea, mano muñeca
        idade ossea, mão punho, mãos punhos
        age osseux, main poignet, âge osseux
        Knochenalter, Handwurzel Hand
        età ossea, mano polso""",
}

NEAR: dict[tuple[int, ...], str] = {
    (_ABDOMEN, OTHERS): """
        stomach, colon, bowel, duodenum, jejunum, ileum, small intestine
        large intestine, appendix, estomago, intestino, estomac, côlon, Magen, Darm
        stomaco, intestine""",
    (_CHEST, OTHERS): """
        heart, esophagus, oesophagus, esofago, oesophage, Ösophagus, Speiseröhre
        corazon, coração, coeur, Herz, cuore, coronary""",
    (_ABDOMEN,): """
        liver, spleen, pancreas, gallbladder, adrenal, ureter, ureters, biliary
        kub, kidney, kidneys, kidney ureter bladder, bladder, renal
        riñon, riñones, vejiga, rins, rim, bexiga, reins, vessie, Niere, Nieren
        reni, vescica, urinario, aparato urinario, arbol urinario""",
    (_ABDOMEN, _PELVIS): """
        abdomenpelvis, abdominopelvic, abdomino pelvic, abdominopelvico
        abdomino pelvico, abdomino pelvien""",
    (_CHEST, _ABDOMEN, _PELVIS): """
        chestabdpelvis, chestabdomenpelvis, neckchestabdpelv""",
    (_CHEST, _ABDOMEN): """
        aorta, diaphragm
        chestabdomen, thoracoabdominal, thoraco abdominal, toracoabdominal
        toraco abdominal, thoraco abdominale, toraco addominale, babygram""",
    (_ANKLE,): """
        malleolus, malleoli, malleolar, maleolo, maleolos, malleole, malleoles
        malleolo, Syndesmose""",
    (_ANKLE, _FOOT): """
        calcaneus, calcaneum, calcaneal, os calcis, heel, heels, talus, hindfoot
        subtalar
        calcaneo, calcaneos, talon, talones, calcanhar, retropie, astragalo, retrope
        calcaneum, astragale, arriere pied, Ferse, Fersenbein, Kalkaneus, Rückfuß
        unteres Sprunggelenk, tallone, calcagno, retropiede, tarsal, tarsus, tarso
        Mittelfuß Rückfuß""",
    (_CSPINE,): """
        larynx, pharynx, trachea, thyroid, parathyroid, laringe, tiroides
        neck, soft tissue neck, odontoid, dens, cou, cuello, pescoço, collo, Hals
        odontoides""",
    (_CSPINE, _TSPINE): """
        ctspine, c t spine, cervicothoracic, cervico thoracic, cervical thoracic
        cervicodorsal
        cervico dorsal, cervicotoracica, cervico toracica, cervico dorsale""",
    (_CHEST,): """
        bronchus, thymus
        rib, ribs, lung, lungs, sternum, hemithorax, mediastinum, lung apex, apical
        costilla, costillas, parrilla costal, reja costal, esternon, pulmon, pulmones
        hemitorax, costela, costelas, arcos costais, gradil costal, esterno, pulmão
        pulmões
        côte, côtes, gril costal, sternum, Rippe, Rippen, Hemithorax, Sternum, Lunge
        Brustbein, costole, coste, costola, emitorace, emicostato, sterno, polmone
        polmoni
        Rippenthorax, thoracic inlet""",
    (_CLAVICLE,): "scjoint, sc joint, sternoclavicular, esternoclavicular",
    (_CLAVICLE, _SHOULDER): """
        acjoint, ac joint, ac joints, acromioclavicular, acromio clavicular, acromion
        acromio claviculaire, AC Gelenk, acromioclaveare, ACG, Schultereckgelenk""",
    (_SHOULDER,): """
        axilla, scapula, scapulae, scapular, omoplato, escapula, omoplate, Schulterblatt
        scapola
        glenoid, Skapula, omoplatas, omoplata""",
    (_SHOULDER, _ELBOW): """
        humerus, humeri, humero, humérus, upper arm, upperarm, arm, hum, humeral
        brazo, brazos, braço, braços, bras, Oberarm, Arm, omero, braccio, braccia""",
    (_ELBOW,): "olecranon, radial head, olecrano, cabeza radio",
    (_FOREARM,): """
        radius, ulna, radiusulna, radius ulna, radioulnar, cubito, cubito radio
        radio cubito, radio ulna, ulna radio, radio ulnar, cubitus, Speiche""",
    (_FOOT,): """
        toe, toes, metatarsal, metatarsals, metatarsus, forefoot, midfoot, hallux
        big toe
        dedo pie, dedos pie, dedo pies, dedos pies, dedo gordo, antepie, metatarso
        dedo pé, dedos pé, dedos pés, artelho, artelhos, pododactilo, pododactilos
        antepé
        orteil, orteils, gros orteil, avant pied, Zehe, Zehen, Großzehe, Vorfuß
        Mittelfuß
        dita piede, dito piede, dita piedi, alluce, avampiede, sesamoid, sesamoids""",
    (_FINGER, _HAND): """
        thumb, thumbs, metacarpal, metacarpals, metacarpus, phalanx, phalanges, pollex
        pulgar, pulgares, metacarpo, metacarpiano, falange, falanges
        polegar, polegares, metacarpianos, pouce, pouces, metacarpien
        Daumen, Mittelhandknochen, pollice, pollici, Daumengelenk""",
    (_HIP, _PELVIS): "acetabulum, acetabular, acetabulo, cotyle, Hüftpfanne, acetabolo",
    (_KNEE,): """
        patella, patellae, patellar, patellofemoral, kneecap, tibial plateau
        intercondylar
        rotula, rotulas, femoropatelar, femoro patelar, femoropatellaire, patela
        patelas
        rotule, rotules, femoro patellaire, Kniescheibe, Patellae, femoro rotulea""",
    (_LOWER_LEG,): """
        tibia, fibula, tibiafibula, tibia fibula, tib fib, tibfib, calf, tib, fib
        perone, tibia perone, perônio, tibia perônio, péroné, tibias, perona
        Wade, Schienbein, Wadenbein, perone tibia, polpaccio, legs calf""",
    (_LOWER_LEG, _THIGH): "leg, legs, Bein, Beine",
    (_LSPINE,): """
        lsspine, lumbosacral, lumbo sacral, l s spine, ls spine, lumbosacra
        lumbo sacra
        lombossacra, lombosacra, lombo sacra, lombo sacre, lombosacree, lumbosakral
        lombosacrale, lombo sacrale, l s""",
    (_TSPINE, _LSPINE): """
        tlspine, tl spine, t l spine, thoracolumbar, thoraco lumbar, dorsolumbar
        dorso lumbar
        toracolumbar, toraco lumbar, toracolombar, toraco lombar, dorso lombar
        dorsolombar
        dorso lombaire, dorsolombaire, dorso lombare, dorsolombare
        charniere dorso lombaire
        thorakolumbal, BWS LWS Übergang""",
    (_LSPINE, _PELVIS): """
        sspine, sacrum, sacral, sacro, coccyx, sacrococcyx, sacrococcygeal, coxis
        cóccix
        sacrocoxis, sacrococcix, sacro coxis, sacro coccix, tailbone, Steißbein
        Kreuzbein
        Os sacrum
        coccige, sacro coccige""",
    (_PELVIS,): """
        buttock, buttocks, uterus, ovary, prostate, rectum, urethra, scrotum, penis
        sijoint, si joint, si joints, sacroiliac, sacro iliac, sacroiliacs, iliac
        ilium
        sacroiliaca, sacroiliacas, sacro iliaca, sacro iliaque, sacro iliaques, ISG
        Iliosakralgelenk, Iliosakralgelenke, symphysis, pubis, pubic, sacroileitis
        ischium
        sacroilíaca, sacroiliache, sinfisis pubis, Symphyse, coccyx pelvis""",
    (_SKULL,): """
        brain, scalp, ear, ears, iac, eye, eyes, eyelid, mouth, tongue, cheek
        optic canal, internal auditory canal, parotid, opn, ortopanoramica
        mandible, mandibular, jaw, orbit, orbits, orbita, orbitas, orbital, mastoid
        mastoids
        tmj
        temporomandibular, sella, sella turcica, nasal bone, nasal bones, nose, zygoma
        zygomatic arch, maxilla, facial, cephalometric, cephalogram, opg
        orthopantomogram, orthopantomogramme
        panoramic, petrous, towne, mandibula, maxilar, atm, nariz, huesos propios, hpn
        huesos nasales, ossos nariz, ossos proprios nariz, mastoides, silla turca
        sela turca, mandibule, maxillaire, orbite, nez, os propres nez, Unterkiefer
        Oberkiefer, Kiefer, Nase, Nasenbein, Felsenbein, Jochbein, Jochbogen
        mandibola, ossa nasali, naso, ortopantomografia, panoramica, cavum, adenoids
        adenoides, zygomatic, caldwell""",
    (_SKULL, _SINUS): """
        head, facial bones, facial bone, cabeza, cabeça, tête, Kopf, testa
        huesos cara
        macizo facial, ossos face, massif facial, Gesicht, Gesichtsschädel
        Mittelgesicht, massiccio facciale, ossa faccia, volto, cara""",
    (_THIGH,): """
        femur, femurs, femora, femoral, fémur, fémures, fêmur, femore, femori
        Femurs""",
    (_WRIST,): """
        scaphoid, scaphoids, carpal, carpus, carpals, carpal tunnel, carpo, escafoides
        tunel carpiano, escafoide, carpe, scaphoide, canal carpien, Kahnbein, Skaphoid
        Karpus, scafoide, carpale""",
    (*_SPINES,): """
        whole spine, full spine, entire spine, scoliosis, scoliosis series
        cervicodorsolumbar
        columna total, columna completa, espinografia, escoliosis, coluna total
        escoliose
        coluna panoramica, rachis entier, rachis complet, scoliose, Ganzwirbelsäule
        Wirbelsäulenganzaufnahme, Skoliose
        colonna in toto, rachide in toto, scoliosi""",
    _ARM: """
        upper limb, upperlimb, upper limbs
        upper extremity, upper extremities, upper ext
        upper exm, up exm
        extremidad superior, extremidades superiores, miembro superior
        miembros superiores
        membro superior, membros superiores, mmss, membre superieur
        membres superieurs
        obere Extremität, arto superiore, arti superiori, uext, upperextremity""",
    _LEG: """
        lower limb, lowerlimb, lower limbs
        lower extremity, lower extremities, lower ext
        low exm
        extremidad inferior, extremidades inferiores, miembro inferior
        miembros inferiores
        membro inferior, membros inferiores, mmii, membre inferieur
        membres inferieurs
        untere Extremität, arto inferiore, arti inferiori, lext, lowerextremity
        lower exm, long leg, long legs, leg length, pangonogramme, pangono, Ganzbein
        Ganzbeinaufnahme
        Beinachse, escanometria, orthoroentgenogram, telemetria""",
}

VAGUE: dict[tuple[int, ...], str] = {
    (_FOOT,): "depie, pé, ft",
    (_HAND,): "main",
    (_SINUS,): "senos, seios, seni",
    (_TSPINE,): "dorsal, dorso, dorsale, dorsales",
}

VAGUE_NEAR: dict[tuple[int, ...], str] = {
    (*_SPINES,): """
        spine, spinal, vertebral, vertebra, vertebrae
        columna, columna vertebral, raquis
        coluna, coluna vertebral
        rachis, colonne, colonne vertebrale
        Wirbelsäule, WS
        colonna, colonna vertebrale, rachide, back""",
    (*_ARM, *_LEG): """
        extremity, extremities, limb, limbs
        extremidad, extremidades, miembro, miembros
        extremidade, membro, membros
        membre, membres
        extrémité, extrémités, Extremität, Extremitäten
        arto, arti""",
    (_CHEST, _TSPINE): """
        thoracic, toracica, toracico, thoracique, thorakal, toracale, Brust""",
    (_CHEST, _ABDOMEN): "trunk, torso, tronco, tronc, Rumpf",
    (_SKULL, _SINUS): "face, faces, facies, faccia",
    (_PELVIS, _HIP, _THIGH): "Schenkel",
    (_FINGER, _FOOT): "dig, digitus, digiti, Strahl, phalanges",
    (OTHERS,): "seno, sein, seins",
}

# Adjective and noun of the spine, in either order: "dorsal spine", "col. dorsal".
SPINE_NOUNS = (
    "spine, sp, columna, columna vertebral, coluna, coluna vertebral, col, rachis, "
    "raquis, colonne, colonne vertebrale, colonna, colonna vertebrale, rachide, "
    "vertebra, vertebrae, vertebral, vertebral column, tratto, wirbelsaule"
)
SPINE_ADJECTIVES: dict[int, str] = {
    _CSPINE: "cervical, cervicale, cerv, cervicales, cervicais, c",
    _TSPINE: """
        thoracic, th, thoracique, toracica, toracico, thor, dorsal, dorsale, dors
        dorsales, dorsais, t, d, torac, thorakal""",
    _LSPINE: "lumbar, lombar, lombaire, lombare, lumb, lomb, lumbal, l",
}
