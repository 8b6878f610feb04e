"""Review an audit: decide with the keyboard what each film shows."""

from xray.ui import review
from xray.ui.frame import enter, report_folder
from xray.ui.review_controls import controls, seat_of_tab

enter()
folder = report_folder()
if folder is not None:  # there is no way to this page without one
    desk, seat = review.open_desk(folder), seat_of_tab()
    controls(desk, seat)
    review.desk_top(desk, seat)
