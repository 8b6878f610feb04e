"""Every result of the session: to find again, compare, export, delete."""

import streamlit as st

from xray.ui import past
from xray.ui.frame import enter
from xray.ui.language import language, say
from xray.ui.session import session

enter()
tab = session()
st.title(say("history"), anchor=False)
if len(tab.history):
    criteria = past.controls(tab)
    entries = [each for each in tab.past if criteria.passes(each, language())]
    entries.reverse()
    past.exports(entries)
    past.comparison(tab)
    past.rows(tab, entries)
else:
    st.info(say("history_empty"), icon=":material/history:")
