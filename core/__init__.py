"""Digitscope's reading and training core: from pixels to calibrated numbers. Knows nothing of Streamlit or Plotly."""
