// What an Efento sensor posts to its configuration endpoint.
using Gateway.Protos.Efento;

// Field names and numbers as config_update takes them, so that what was sent can be compared with what came back.
static readonly JsonFormatter ConfigurationFormat =
    new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatEnumsAsIntegers(true));

static readonly string[] Secrets = ["network_key", "encryption_key", "apn_password", "cloud_token"];

static List<Reading> Configuration(ProtoConfig configuration)
{
    var about = new Dictionary<string, ReadingValue>();
    using var json = JsonDocument.Parse(ConfigurationFormat.Format(configuration));
    Flatten(json.RootElement, "", about);
    foreach (var secret in Secrets.Where(about.ContainsKey))
    {
        about[secret] = "***";
    }

    about["is_error"] = false;
    if (!configuration.SerialNumber.IsEmpty)
    {
        about["serial_number"] = about["source_sn_hex"] = SerialOf(configuration.SerialNumber);
    }

    List<Reading> readings = [new("CONFIGURATION") { Metadata = about }];
    foreach (var code in configuration.ConfigurationErrors)
    {
        var error = new Dictionary<string, ReadingValue> { ["is_error"] = true, ["error_code"] = code };
        if (about.TryGetValue("source_sn_hex", out var serial))
        {
            error["source_sn_hex"] = serial;
        }

        readings.Add(new Reading("CONFIGURATION_ERROR")
        {
            Timestamp = configuration.ConfigurationErrorTimestamp != 0 ? TimeOf(configuration.ConfigurationErrorTimestamp) : null,
            Metadata = error,
        });
    }

    return readings;
}

static void Flatten(JsonElement element, string path, Dictionary<string, ReadingValue> into)
{
    switch (element.ValueKind)
    {
        case JsonValueKind.Object:
            foreach (var member in element.EnumerateObject())
            {
                Flatten(member.Value, path == "" ? member.Name : $"{path}.{member.Name}", into);
            }

            break;
        case JsonValueKind.Array:
            for (var i = 0; i < element.GetArrayLength(); i++)
            {
                Flatten(element[i], $"{path}.{i}", into);
            }

            break;
        case JsonValueKind.Number:
            into[path] = element.GetInt64();
            break;
        case JsonValueKind.True or JsonValueKind.False:
            into[path] = element.GetBoolean();
            break;
        default:
            into[path] = element.GetString();
            break;
    }
}
