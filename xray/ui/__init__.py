"""The pieces that the pages share: the only package that knows Streamlit."""
