"""Drop radiographs, see body part, confidence and heat map."""

import streamlit as st

from xray.ui import cards, intake, sidebar, single
from xray.ui.dropzone import dropzone, notes
from xray.ui.frame import welcome
from xray.ui.language import language, say
from xray.ui.selection import arrange
from xray.ui.session import session

tab = session()
view = sidebar.controls(tab)
dropzone(tab)
progress = st.empty()
notes(tab)

films = [film for film in tab.films if film.key not in tab.hidden]
passing = [film for film in films if view.filter.passes(film, language())]
ordered = arrange(passing, view.sort, language())

if not tab.shown:
    welcome()
elif not ordered:
    st.info(say("nothing_left"))
elif view.single:
    single.view(tab, ordered, view)
else:
    cards.grid(tab, ordered, view)

if tab.waiting:
    intake.work(tab, progress)
    st.rerun()
