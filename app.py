"""The page: set-up and navigation, nothing else. Start: streamlit run app.py."""

import streamlit as st

from xray.ui import frame
from xray.ui.language import say

frame.set_up()
page = st.navigation(
    [
        st.Page(
            "pages/radiographs.py",
            title=say("title"),
            icon=":material/radiology:",
            default=True,
        ),
        st.Page("pages/history.py", title=say("history"), icon=":material/history:"),
        st.Page("pages/about.py", title=say("about"), icon=":material/info:"),
    ],
    position="top",
)
frame.run(page)
