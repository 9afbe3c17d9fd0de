# Everyframe in a container:
#   docker build -t everyframe .
#   docker run -p 127.0.0.1:8300:8300 -v everyframe:/data everyframe
# The first password is in its log. Settings: -v ./everyframe.toml:/everyframe.toml, and at the end
#   serve --config /everyframe.toml --host 0.0.0.0 --store /data
FROM python:3.11-slim

COPY pyproject.toml constraints.txt README.md LICENSE /source/
COPY src /source/src
RUN pip install --no-cache-dir --constraint /source/constraints.txt "/source[postgres]" \
    && rm -r /source \
    && useradd --create-home everyframe \
    && mkdir /data \
    && chown everyframe /data

USER everyframe
VOLUME /data
EXPOSE 8300
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8300/healthz', timeout=5)"]
ENTRYPOINT ["everyframe"]
CMD ["serve", "--host", "0.0.0.0", "--store", "/data"]
