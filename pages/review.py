"""Review an audit: decide with the keyboard what each film shows."""

import streamlit as st

from xray.ui import review
from xray.ui.frame import enter
from xray.ui.language import say
from xray.ui.review_controls import controls, seat_of_tab

enter()
folder = review.report_folder()
if folder is None:
    st.info(say("review_none"), icon=":material/info:")
else:
    desk, seat = review.open_desk(folder), seat_of_tab()
    controls(desk, seat)
    review.desk_top(desk, seat)
