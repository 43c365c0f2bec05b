using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Api;

/// <summary>
/// Devices as CSV (RFC 4180) with a header. Labels, settings and metadata are JSON; an import also takes labels that are separated by semicolons,
/// and a column for each setting and each metadata:
/// <code>
/// device_id,profile,labels,settings.scale,metadata.room
/// cellar,json,cold;dark,2,"Cellar, left"
/// </code>
/// </summary>
internal static class DeviceCsv
{
    private const string SettingPrefix = "settings.";
    private const string MetadataPrefix = "metadata.";

    // Is taken, and never told.
    private const string Token = "token";

    private static readonly string[] Columns =
        ["device_id", "state", "profile", "parser_script_ref", "labels", "settings", "metadata", "created_at", "updated_at", "last_seen_at"];

    /// <summary>The rows of a body.</summary>
    /// <exception cref="BadHttpRequestException">The header is none.</exception>
    public static async IAsyncEnumerable<DeviceLine> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        CsvMalformedRecord? malformed = null;
        await using var csv = CsvReader.Create(
            body,
            new CsvReaderOptions { MaxRecordSize = DeviceLine.MaxLength, TrackLineNumbers = true, OnMalformedRecord = record => malformed = record },
            leaveOpen: true);
        var columns = await HeaderAsync(csv, cancellation);
        while (true)
        {
            var (hasRow, end) = await NextAsync(csv, cancellation);
            if (end is not null)
            {
                yield return end;
            }

            if (!hasRow)
            {
                yield break;
            }

            yield return malformed is { } bad && bad.LineNumber == csv.LineNumber
                ? DeviceLine.Refused(csv.LineNumber, $"the quotation marks are no pairs, or stand within a field ({bad.Reason})")
                : RowOf(csv, columns);
        }
    }

    /// <summary>Writes devices.</summary>
    public static async Task WriteAsync(IAsyncEnumerable<DeviceDocument> devices, Stream target)
    {
        await using var csv = CsvWriter.Create(target, new CsvWriterOptions { Separator = ',' }, leaveOpen: true);
        csv.WriteRecord(Columns);
        await foreach (var device in devices)
        {
            var json = JsonSerializer.SerializeToNode(device, ManagementApi.Json)!;
            foreach (var column in Columns)
            {
                csv.WriteField(json[column] switch
                {
                    null or JsonArray { Count: 0 } or JsonObject { Count: 0 } => "",
                    JsonValue value => value.ToString(),
                    var whole => whole.ToJsonString(ManagementApi.Json),
                });
            }

            await csv.EndRecordAsync();
        }

        await csv.FlushAsync();
    }

    private static async Task<string[]> HeaderAsync(CsvReader csv, CancellationToken cancellation)
    {
        try
        {
            await csv.ReadHeaderAsync(cancellation);
        }
        catch (CsvFormatException e)
        {
            throw new BadHttpRequestException($"the first line is no header of CSV: {e.Message}", e);
        }

        string[] columns = [.. csv.Headers];
        if (columns.Length == 0)
        {
            throw new BadHttpRequestException("the body is empty; the first line of CSV names the columns");
        }

        CheckHeader(columns);
        return columns;
    }

    private static void CheckHeader(string[] columns)
    {
        var unknown = columns.Where(column => !Columns.Contains(column) && column is not (Token or "has_token") && !IsPart(column)).ToArray();
        if (unknown.Length > 0)
        {
            throw new BadHttpRequestException(
                $"there is no column \"{unknown[0]}\": {string.Join(", ", Columns)} are, and {Token}, {SettingPrefix}NAME and {MetadataPrefix}NAME");
        }

        if (!columns.Contains("device_id") || columns.Distinct(StringComparer.Ordinal).Count() < columns.Length)
        {
            throw new BadHttpRequestException(columns.Contains("device_id") ? "a column stands there twice" : "the column device_id is missing");
        }
    }

    private static bool IsPart(string column) =>
        (column.StartsWith(SettingPrefix, StringComparison.Ordinal) && column.Length > SettingPrefix.Length)
        || (column.StartsWith(MetadataPrefix, StringComparison.Ordinal) && column.Length > MetadataPrefix.Length);

    // A record that is too long is mostly a quotation mark without a second one, which takes in all the rest: after it there is nothing to go on with.
    private static async Task<(bool HasRow, DeviceLine? End)> NextAsync(CsvReader csv, CancellationToken cancellation)
    {
        try
        {
            return (await csv.ReadAsync(cancellation), null);
        }
        catch (CsvFormatException e)
        {
            var problem = $"the line has more than {DeviceLine.MaxLength} bytes, or a quotation mark without a second one; what is behind it was not read";
            return (false, DeviceLine.Refused(e.LineNumber, problem));
        }
    }

    private static DeviceLine RowOf(CsvReader csv, string[] columns)
    {
        var number = csv.LineNumber;
        if (csv.FieldCount != columns.Length)
        {
            return DeviceLine.Refused(number, $"the line has {csv.FieldCount} fields, and the header {columns.Length}");
        }

        var json = new JsonObject();
        for (var i = 0; i < columns.Length; i++)
        {
            if (csv.GetString(i) is { Length: > 0 } field && Add(json, columns[i], field) is { } problem)
            {
                return DeviceLine.Refused(number, problem, "#/" + columns[i].Replace('.', '/'));
            }
        }

        try
        {
            return new DeviceLine(number, json.Deserialize<DeviceDocument>(ManagementApi.Json), []);
        }
        catch (JsonException e)
        {
            return DeviceLine.Refused(number, JsonProblem.What(e), BadRequests.PointerOf(e.Path));
        }
    }

    private static string? Add(JsonObject device, string column, string field)
    {
        if (column.StartsWith(MetadataPrefix, StringComparison.Ordinal))
        {
            return Put(device, "metadata", column[MetadataPrefix.Length..], JsonValue.Create(field));
        }

        if (column.StartsWith(SettingPrefix, StringComparison.Ordinal))
        {
            // What is no JSON is a text, as people write it into a spreadsheet.
            return Put(device, "settings", column[SettingPrefix.Length..], TryParse(field, out var setting) ? setting : JsonValue.Create(field));
        }

        var isJson = column is "settings" or "metadata" || (column is "labels" && field.StartsWith('['));
        if (!isJson)
        {
            device[column] = column is "labels"
                ? new JsonArray([.. field.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(label => JsonValue.Create(label))])
                : JsonValue.Create(field);
            return null;
        }

        if (!TryParse(field, out var value))
        {
            return $"\"{(field.Length > 40 ? field[..40] + "…" : field)}\" is no JSON";
        }

        device[column] = value;
        return null;
    }

    private static string? Put(JsonObject device, string member, string name, JsonNode? value)
    {
        if (device[member] is null)
        {
            device[member] = new JsonObject();
        }

        if (device[member] is not JsonObject whole || !whole.TryAdd(name, value))
        {
            return $"{name} stands in the column {member} already";
        }

        return null;
    }

    private static bool TryParse(string field, out JsonNode? json)
    {
        try
        {
            json = JsonNode.Parse(field, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            return true;
        }
        catch (JsonException)
        {
            json = null;
            return false;
        }
    }
}
