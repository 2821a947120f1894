"""Where footage comes from: each reader lists a source's clips with their labels."""
