using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Devices;

namespace Gateway.Api;

/// <summary>A change of some members of a JSON object (RFC 7396).</summary>
internal sealed class MergePatch(JsonObject change)
{
    public const string MediaType = "application/merge-patch+json";

    public static bool IsIt(HttpRequest request) =>
        request.ContentType is { } type && Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out var parsed) && parsed.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads one from a body.</summary>
    /// <exception cref="BadHttpRequestException">It is none.</exception>
    public static async Task<MergePatch> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            return await JsonNode.ParseAsync(request.Body, documentOptions: options, cancellationToken: cancellation) is JsonObject change
                ? new MergePatch(change)
                : throw new BadHttpRequestException("a merge patch is a JSON object");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException("the body is no JSON", e);
        }
    }

    /// <summary>The document with the change.</summary>
    /// <exception cref="BadHttpRequestException">The change names members that a device does not have, or gives them what they cannot be.</exception>
    public DeviceDocument Apply(DeviceDocument document)
    {
        var target = JsonSerializer.SerializeToNode(document, ManagementApi.Json)!.AsObject();
        Merge(target, change);
        try
        {
            return target.Deserialize<DeviceDocument>(ManagementApi.Json)!;
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException("the body does not fit", e);
        }
    }

    private static void Merge(JsonObject target, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject part)
            {
                if (target[name] is not JsonObject)
                {
                    target[name] = new JsonObject();
                }

                Merge(target[name]!.AsObject(), part);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }
}
