{{/* Fails with every contradiction of the values at once. What a type can express is in values.schema.json. */}}
{{- define "floodgate.check" -}}
{{- $problems := list -}}
{{- $values := .Values -}}
{{- $apps := fromYaml (include "floodgate.apps" .) -}}
{{- $secret := $values.secret | default dict -}}
{{- $secrets := fromYaml (.Files.Get "files/secrets.yaml") -}}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" .Release.Name) -}}
{{- $problems = append $problems (printf "the release is called %s: names of services begin with a letter and have no dot" .Release.Name) -}}
{{- end -}}
{{- if not $values.publicUrl -}}
{{- $problems = append $problems "publicUrl is empty: set the address of the waiting room for buyers, such as https://queue.shop.example" -}}
{{- end -}}
{{- if and (eq $values.bus "kafka") (empty $values.kafkaBrokers) -}}
{{- $problems = append $problems "kafkaBrokers is empty: name Kafka's brokers, each host:port, or set bus=redis for a trial" -}}
{{- end -}}
{{- if and $values.existingSecret $secret -}}
{{- $problems = append $problems "existingSecret and secret exclude each other: put the secrets into one of them" -}}
{{- end -}}
{{- range $variable := ($values.secretFiles).optional -}}
{{- $isKnown := false -}}
{{- range $ofApp := values $secrets }}{{ if eq (toString (get $ofApp $variable)) "false" }}{{ $isKnown = true }}{{ end }}{{ end -}}
{{- if not $isKnown -}}
{{- $problems = append $problems (printf "secretFiles.optional: %s is no optional secret of any app" $variable) -}}
{{- end -}}
{{- end -}}
{{- range $key, $app := $apps -}}
{{- $own := get $values $key -}}
{{- if not (or $own.existingSecret $values.existingSecret) -}}
{{- range $variable, $isRequired := get $secrets $key -}}
{{- if and (or $isRequired (has $variable $app.needs)) (not (get $secret $variable)) -}}
{{- $problems = append $problems (printf "secret.%s is missing: set existingSecret, or this value for a trial" $variable) -}}
{{- end -}}
{{- end -}}
{{- if and (has "keys.json" $app.needs) (not (get $secret "keys.json")) -}}
{{- $problems = append $problems "secret.keys.json is missing, the private keys of the waiting room: set existingSecret, or this value for a trial" -}}
{{- end -}}
{{- end -}}
{{- range $variable := fromYamlArray (include "floodgate.owned" $) -}}
{{- if or (hasKey $own.settings $variable) (hasKey $values.settings $variable) -}}
{{- $problems = append $problems (printf "%s.settings.%s: the chart sets it from a value of its own" $key $variable) -}}
{{- end -}}
{{- end -}}
{{- if and $own.autoscaling.enabled (gt (int $own.autoscaling.minReplicas) (int $own.autoscaling.maxReplicas)) -}}
{{- $problems = append $problems (printf "%s.autoscaling: minReplicas is above maxReplicas" $key) -}}
{{- end -}}
{{- end -}}
{{- if and $values.migration.enabled (not (or $values.migration.existingSecret $values.existingSecret $secret.DATABASE_URL)) -}}
{{- $problems = append $problems "migration needs DATABASE_URL: set migration.existingSecret, existingSecret, or secret.DATABASE_URL for a trial" -}}
{{- end -}}
{{- if and $values.serviceMonitor.enabled $values.networkPolicy.enabled (empty $values.networkPolicy.operationsFrom) -}}
{{- $problems = append $problems "networkPolicy.operationsFrom is empty while serviceMonitor is enabled: Prometheus could not read any metric" -}}
{{- end -}}
{{- if and $values.prometheusRule.enabled (empty $values.prometheusRule.files) -}}
{{- $problems = append $problems "prometheusRule.files is empty: add a file of rules by --set-file prometheusRule.files.NAME=FILE" -}}
{{- end -}}
{{- $hosts := dict -}}
{{- if $values.ingress.enabled -}}
{{- range $name, $url := merge (dict "publicUrl" $values.publicUrl) $values.urls -}}
{{- if regexMatch "^([0-9.]+|\\[.*)$" (include "floodgate.host" $url) -}}
{{- $problems = append $problems (printf "%s: an ingress needs the name of a host, not its address" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $key := list "orderCore" "notifier" "paymentWorker" -}}
{{- $host := include "floodgate.host" (get $values.urls $key) -}}
{{- if and $host (hasKey $hosts $host) (ne $host (include "floodgate.host" $values.publicUrl)) -}}
{{- $problems = append $problems (printf "urls.%s and urls.%s have the same host: give each one of its own, or none" (get $hosts $host) $key) -}}
{{- end -}}
{{- $_ := set $hosts $host $key -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "\n\nThese values cannot work:\n- %s\n" (join "\n- " (uniq $problems))) -}}
{{- end -}}
{{- end -}}
