"""Tables, pictures, Markdown and templates as such; knows no finding."""
