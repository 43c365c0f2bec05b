using System.ComponentModel;
using Gateway.Access;
using Gateway.Commands;
using Gateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/devices/{device_id}/dtls-keys</c> and <c>/api/v1/dtls-keys</c>: keys go in, and never come out.</summary>
internal static class DeviceKeyEndpoints
{
    private const int MaxBatch = 1000;
    private const double DefaultOverlap = 7 * 24 * 3600;
    private const double MaxOverlap = 366 * 24 * 3600;

    public static void MapDeviceKeys(this IEndpointRouteBuilder api)
    {
        var device = api.MapGroup("/devices/{device_id}/dtls-keys").WithTags("DTLS keys");
        device.MapGet("", List).For(Role.Operator).ProducesProblem(400)
            .WithName("ListDtlsKeys").WithSummary("The PSK identities of a device, and since when and until when their keys are valid; never the keys.");
        device.MapPut("/{identity}", PutAsync).For(Role.Admin).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .WithName("PutDtlsKey").WithSummary("Gives an identity of a device a new key. The one before it stays valid for a time.");
        device.MapDelete("/{identity}", DeleteAsync).For(Role.Admin).ProducesProblem(400).ProducesProblem(404)
            .WithName("DeleteDtlsKey").WithSummary("Takes an identity's keys, and ends its sessions.");
        api.MapPost("/dtls-keys", ImportAsync).For(Role.Admin).WithTags("DTLS keys").ProducesProblem(400).ProducesProblem(409).ProducesProblem(422)
            .WithName("ImportDtlsKeys").WithSummary($"Gives up to {MaxBatch} identities new keys, all or none.");
    }

    private static Results<Ok<DtlsKeyList>, ProblemHttpResult> List(string device_id, DeviceKeyRing ring) =>
        DeviceId.TryParse(device_id, out var device)
            ? TypedResults.Ok(new DtlsKeyList([.. ring.Of(device).Select(DtlsKeyStatus.Of)]))
            : Problems.BadRequest(DeviceId.Problem(device_id));

    private static async Task<Results<NoContent, ProblemHttpResult>> PutAsync(
        string device_id, string identity, DtlsKeyDocument body, DeviceKeyRing ring, TimeProvider time, CancellationToken cancellation)
    {
        if (body.DeviceId is not null && body.DeviceId != device_id)
        {
            return Problems.Unprocessable("device_id", $"the body is of device {body.DeviceId}, the path of {device_id}");
        }

        if (body.Identity is not null && body.Identity != identity)
        {
            return Problems.Unprocessable("identity", $"the body is of identity {body.Identity}, the path of {identity}");
        }

        return await RenewAsync([body with { DeviceId = device_id, Identity = identity }], body.OverlapSeconds, "", ring, time, cancellation);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string device_id, string identity, DeviceKeyRing ring, CancellationToken cancellation) =>
        !DeviceId.TryParse(device_id, out var device) ? Problems.BadRequest(DeviceId.Problem(device_id))
        : await ring.RevokeAsync(device, identity, cancellation) ? TypedResults.NoContent()
        : Problems.NotFound($"device {device_id} has no identity \"{identity}\"");

    private static Task<Results<NoContent, ProblemHttpResult>> ImportAsync(
        DtlsKeyBatch body, DeviceKeyRing ring, TimeProvider time, CancellationToken cancellation) =>
        RenewAsync(body.Keys ?? [], body.OverlapSeconds, "keys", ring, time, cancellation);

    private static async Task<Results<NoContent, ProblemHttpResult>> RenewAsync(
        IReadOnlyList<DtlsKeyDocument?> documents, double? overlap, string place, DeviceKeyRing ring, TimeProvider time, CancellationToken cancellation)
    {
        var problems = new List<FieldProblem>();
        if (documents.Count is 0 or > MaxBatch)
        {
            return Problems.Unprocessable("keys", $"1 to {MaxBatch} keys are taken at once, not {documents.Count}");
        }

        if (overlap is < 0 or > MaxOverlap or double.NaN)
        {
            problems.Add(FieldProblem.Of("overlap_seconds", $"is not within 0..{MaxOverlap}"));
        }

        var now = time.GetUtcNow();
        var wanted = new Dictionary<string, DeviceKeys>(StringComparer.Ordinal);
        for (var i = 0; i < documents.Count; i++)
        {
            var prefix = place.Length == 0 ? "" : $"{place}[{i}].";
            if (documents[i] is not { } document)
            {
                problems.Add(FieldProblem.Of($"{place}[{i}]", "is null, and no key"));
                continue;
            }

            problems.AddRange(document.Problems(prefix));
            if (problems.Count == 0 && !wanted.TryAdd(document.Identity!, document.ToKeys(now)))
            {
                problems.Add(FieldProblem.Of($"{prefix}identity", $"\"{document.Identity}\" is in the list already"));
            }
        }

        if (problems.Count > 0)
        {
            return Problems.Unprocessable(problems);
        }

        var taken = await ring.RenewAsync(wanted.Values, TimeSpan.FromSeconds(overlap ?? DefaultOverlap), cancellation);
        return taken.Count == 0
            ? TypedResults.NoContent()
            : Problems.Conflict(string.Join("; ", taken.Select(keys => $"identity \"{keys.Identity}\" is of device {keys.Device}: delete it there first")));
    }
}

/// <summary>A new key for an identity of a device: as exactly one of <c>key_hex</c>, <c>key_base64</c> and <c>key_text</c>.</summary>
internal sealed record DtlsKeyDocument
{
    [Description("Whose key it is. In the path it need not be said again.")]
    public string? DeviceId { get; init; }

    [Description("What the device calls itself in the handshake: 1 to 128 bytes of UTF-8.")]
    public string? Identity { get; init; }

    [Description("The key, 8 to 64 bytes, as hexadecimal digits.")]
    public string? KeyHex { get; init; }

    [Description("The key in Base64.")]
    public string? KeyBase64 { get; init; }

    [Description("The key as the bytes of a text.")]
    public string? KeyText { get; init; }

    [Description("For how many seconds the key of before stays valid; a week when it is missing, 0 ends it at once.")]
    public double? OverlapSeconds { get; init; }

    public IEnumerable<FieldProblem> Problems(string prefix)
    {
        if (!Devices.DeviceId.TryParse(DeviceId, out _))
        {
            yield return FieldProblem.Of($"{prefix}device_id", Devices.DeviceId.Problem(DeviceId));
        }

        if (DeviceKeys.ProblemOf(Identity) is { } problem)
        {
            yield return FieldProblem.Of($"{prefix}identity", problem);
        }

        if (new[] { KeyHex, KeyBase64, KeyText }.Count(text => text is not null) != 1)
        {
            yield return FieldProblem.Of($"{prefix}key_hex", "exactly one of key_hex, key_base64 and key_text must be there");
        }
        else if (Secret() is not { Length: >= DeviceKey.MinBytes and <= DeviceKey.MaxBytes })
        {
            // What was there is not told: it may be all but right.
            var place = KeyHex is not null ? "key_hex" : KeyBase64 is not null ? "key_base64" : "key_text";
            yield return FieldProblem.Of($"{prefix}{place}", $"is no key of {DeviceKey.MinBytes} to {DeviceKey.MaxBytes} bytes");
        }
    }

    /// <summary>Made of a document without problems.</summary>
    public DeviceKeys ToKeys(DateTimeOffset now) => new(Identity!, Devices.DeviceId.Parse(DeviceId!), [new DeviceKey(Secret()!, now, null)]);

    private byte[]? Secret()
    {
        try
        {
            return KeyHex is not null ? Convert.FromHexString(KeyHex)
                : KeyBase64 is not null ? Convert.FromBase64String(KeyBase64)
                : System.Text.Encoding.UTF8.GetBytes(KeyText!);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>New keys for many identities.</summary>
internal sealed record DtlsKeyBatch
{
    public IReadOnlyList<DtlsKeyDocument?>? Keys { get; init; }

    [Description("For how many seconds the keys of before stay valid; a week when it is missing.")]
    public double? OverlapSeconds { get; init; }
}

/// <summary>The identities of a device.</summary>
internal sealed record DtlsKeyList(IReadOnlyList<DtlsKeyStatus> Items);

/// <summary>What is told of an identity.</summary>
internal sealed record DtlsKeyStatus(string Identity, IReadOnlyList<DtlsKeyValidity> Keys)
{
    public static DtlsKeyStatus Of(DeviceKeys keys) => new(keys.Identity, [.. keys.Keys.Select(key => new DtlsKeyValidity(key.CreatedAt, key.ValidUntil))]);
}

/// <summary>When a key is valid.</summary>
internal sealed record DtlsKeyValidity(DateTimeOffset CreatedAt, DateTimeOffset? ValidUntil);
