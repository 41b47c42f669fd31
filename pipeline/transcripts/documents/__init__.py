"""Word documents and web pages, as Markdown for the reader of lines."""
