"""Keep the documents true: code quoted from the sources, generated pages, and the site."""
