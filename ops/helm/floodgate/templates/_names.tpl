{{/*
Name of the release's objects: the release's own name where it already says so, and at most 40 characters. A longer one
is cut in front of a hash, so that two releases never share a name, and still ends in what the alerts look for.
*/}}
{{- define "floodgate.fullname" -}}
{{- $release := .Release.Name -}}
{{- $name := ternary $release (printf "%s-%s" $release .Chart.Name) (contains .Chart.Name $release) -}}
{{- if gt (len $name) 40 -}}
{{- $name = printf "%s-%s-%s" ($release | trunc 21 | trimSuffix "-") ($release | sha256sum | trunc 8) .Chart.Name -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* Labels that never change; takes a dict of `root` and `component`. */}}
{{- define "floodgate.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "floodgate.labels" -}}
{{ include "floodgate.selectorLabels" . }}
app.kubernetes.io/part-of: floodgate
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "floodgate.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "floodgate.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "floodgate.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* Host of a URL as an ingress names it: in lower case, without its port. */}}
{{- define "floodgate.host" -}}
{{- regexReplaceAll ":[0-9]+$" (get (urlParse .) "host" | lower) "" -}}
{{- end -}}
