{{/* The four apps by the name of their values: component, ports, and secrets without a usable default. */}}
{{- define "floodgate.apps" -}}
waitingRoom: { component: waiting-room, port: 7100, opsPort: 8100, needs: [keys.json] }
orderCore: { component: order-core, port: 7200, opsPort: 8200, needs: [] }
paymentWorker: { component: payment-worker, port: 7300, opsPort: 8300, needs: [GATEWAY_URL] }
notifier: { component: notifier, port: 7400, opsPort: 8400, needs: [SMTP_URL] }
{{- end -}}

{{/* Variables that the chart sets itself. */}}
{{- define "floodgate.owned" -}}
[PORT, OPS_PORT, HOST, OPS_HOST, FLOODGATE_KEYS, SHUTDOWN_SECONDS, PUBLIC_URL, BUS, KAFKA_BROKERS, TRUSTED_HOPS]
{{- end -}}

{{/* The address of an app for buyers; takes a dict of `root` and `key`. */}}
{{- define "floodgate.url" -}}
{{- get .root.Values.urls .key | default .root.Values.publicUrl -}}
{{- end -}}

{{/* Settings of an app as JSON: the chart's, then those of all apps, then its own. Takes a dict of `root` and `key`. */}}
{{- define "floodgate.settings" -}}
{{- $root := .root -}}
{{- $app := get (fromYaml (include "floodgate.apps" $root)) .key -}}
{{- $values := $root.Values -}}
{{- $name := include "floodgate.fullname" $root -}}
{{- $jwksUrl := printf "http://%s-waiting-room:7100/.well-known/jwks.json" $name -}}
{{- $own := dict
  "PORT" $app.port
  "OPS_PORT" $app.opsPort
  "HOST" $values.listenAddress
  "OPS_HOST" $values.listenAddress
  "ENVIRONMENT" "production"
  "ALLOWED_ORIGINS" $values.publicUrl
  "TRUSTED_HOPS" $values.trustedHops
  "SHUTDOWN_SECONDS" $values.shutdownSeconds
  "BUS" $values.bus
-}}
{{- if eq $values.bus "kafka" }}{{ $_ := set $own "KAFKA_BROKERS" (join "," $values.kafkaBrokers) }}{{ end -}}
{{- if eq .key "waitingRoom" -}}
{{- $_ := set $own "FLOODGATE_KEYS" "/var/run/floodgate/keys/keys.json" -}}
{{- $_ := set $own "PUBLIC_URL" $values.publicUrl -}}
{{- $_ := set $own "ORDER_CORE_URL" (include "floodgate.url" (dict "root" $root "key" "orderCore")) -}}
{{- $_ := set $own "NOTIFIER_URL" (include "floodgate.url" (dict "root" $root "key" "notifier")) -}}
{{- $_ := set $own "PAYMENT_WORKER_URL" (include "floodgate.url" (dict "root" $root "key" "paymentWorker")) -}}
{{- else if eq .key "orderCore" -}}
{{- $_ := set $own "JWKS_URL" $jwksUrl -}}
{{- else if eq .key "paymentWorker" -}}
{{- $_ := set $own "ORDER_CORE_URL" (printf "http://%s-order-core:7200" $name) -}}
{{- else -}}
{{- $_ := set $own "JWKS_URL" $jwksUrl -}}
{{- $_ := set $own "PUBLIC_URL" (include "floodgate.url" (dict "root" $root "key" "notifier")) -}}
{{- $_ := set $own "WAITING_ROOM_URL" $values.publicUrl -}}
{{- end -}}
{{- $settings := mergeOverwrite $own (deepCopy $values.settings) (deepCopy (get $values .key).settings) -}}
{{- toJson $settings -}}
{{- end -}}

{{/* The Secret of an app; takes a dict of `root` and `key`. */}}
{{- define "floodgate.secretName" -}}
{{- (get .root.Values .key).existingSecret | default .root.Values.existingSecret | default (include "floodgate.fullname" .root) -}}
{{- end -}}

{{/* Variables of an app from its Secret, as in files/secrets.yaml; takes a dict of `root` and `key`. */}}
{{- define "floodgate.secretEnv" -}}
{{- $app := get (fromYaml (include "floodgate.apps" .root)) .key -}}
{{- $name := include "floodgate.secretName" . -}}
{{- if (.root.Values.secretFiles).enabled }}
{{- range fromYamlArray (include "floodgate.secretFileNames" .) }}
- { name: {{ . }}_FILE, value: /var/run/floodgate/secrets/{{ . }} }
{{- end }}
{{- else }}
{{- range $variable, $isRequired := get (fromYaml (.root.Files.Get "files/secrets.yaml")) .key }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ $name }}
      key: {{ $variable }}
      {{- if not (or $isRequired (has $variable $app.needs)) }}
      optional: true
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The secrets that an app gets as files, as a list; takes a dict of `root` and `key`. */}}
{{- define "floodgate.secretFileNames" -}}
{{- $app := get (fromYaml (include "floodgate.apps" .root)) .key -}}
{{- $names := list -}}
{{- range $variable, $isRequired := get (fromYaml (.root.Files.Get "files/secrets.yaml")) .key -}}
{{- if or $isRequired (has $variable $app.needs) (has $variable (($.root.Values.secretFiles).optional | default list)) -}}
{{- $names = append $names $variable -}}
{{- end -}}
{{- end -}}
{{- toYaml $names -}}
{{- end -}}

{{- define "floodgate.securityContext" -}}
allowPrivilegeEscalation: false
capabilities: { drop: [ALL] }
readOnlyRootFilesystem: true
{{- end -}}

{{/* 1000 is `node` in the image: the compiled sources are read by this user only. */}}
{{- define "floodgate.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{/* How pods are spread; takes a dict of `root` and `component`. */}}
{{- define "floodgate.topologySpread" -}}
{{- range $topologyKey := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ $topologyKey }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "floodgate.selectorLabels" $ | nindent 6 }}
{{- end }}
{{- end -}}
