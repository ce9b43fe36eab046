# docs: man pages
MAN := $(wildcard docs/*.1)
