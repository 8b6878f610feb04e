"""Drop radiographs, see body part, confidence and heat map."""

import streamlit as st

from xray.ui import cards, sidebar, single
from xray.ui.dropzone import dropzone, notes
from xray.ui.frame import enter, explain_colors, lead
from xray.ui.language import language, say
from xray.ui.selection import arrange
from xray.ui.session import session

enter()
tab = session()
view = sidebar.controls(tab)
opening = st.empty()  # also once there is nothing in it: what follows stays in place
if not tab.shown:
    with opening.container():
        lead()
dropzone(tab)
notes(tab)

visible = [film for film in tab.films if film.key not in tab.hidden]
passing = [film for film in visible if view.filter.passes(film, language())]
films = arrange(passing, view.sort, language())

if not tab.shown:
    explain_colors()
elif not films:
    st.info(say("nothing_left"))
elif view.single:
    single.view(tab, films, view)
else:
    cards.summary(tab, visible, films)
    cards.grid(tab, films, view)
