# rickets_rx: research use only, not for diagnosis or treatment decisions.
#
#   docker build -t rickets-rx .
#   docker run --rm -v "$PWD/films:/films:ro" -v "$PWD/results:/results" -v "$HOME/.config/rickets-rx:/key" \
#       --user "$(id -u):$(id -g)" rickets-rx rickets-rx score /films --out /results --workers 4
#
# The key of patient pseudonyms is mounted, because one made inside the container would be lost with it and the
# same patient would get another name in the next run.
FROM debian:bookworm-slim AS python
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*

FROM python AS build
COPY . /src
RUN python3 -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir "/src[cluster,dicom]"

FROM python
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    RICKETS_RX_KEY_FILE=/key/patient.key \
    MPLCONFIGDIR=/tmp/matplotlib \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1
RUN useradd --create-home --uid 10001 reader && mkdir /key /results && chown reader /key /results
USER reader
WORKDIR /results
# Without arguments it says what it can do; a Dask scheduler or worker starts by naming it: `dask worker ...`.
CMD ["rickets-rx", "--help"]
