"""Style-E: speech, emotion text and a reference face to motion coefficients."""
