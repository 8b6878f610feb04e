"""The page: set-up and navigation, nothing else. Start: streamlit run app.py."""

from xray.ui import frame

frame.set_up()
frame.run(frame.navigation())
