using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;
using Gateway.Access;
using Gateway.Commands;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary><c>/api/v1/keys</c></summary>
internal static class KeyEndpoints
{
    private const string Path = "/api/v1/keys";

    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/keys").WithTags("Access");
        keys.MapGet("", List).For(Role.Admin)
            .WithName("ListKeys").WithSummary("The keys of the management API, the oldest first; those that are of no use any more, too.");
        keys.MapPost("", CreateAsync).For(Role.Admin).RecordsItself().ProducesProblem(400).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503)
            .WithName("CreateKey").WithSummary("Makes a key. It is in this answer, and nowhere else: only its hash is kept.");
        keys.MapDelete("/{id}", RevokeAsync).For(Role.Admin).RecordsItself().ProducesProblem(404).ProducesProblem(409).ProducesProblem(503)
            .WithName("RevokeKey").WithSummary("Takes a key back, at once and for good.");
    }

    private static Ok<IReadOnlyList<KeyDocument>> List(KeyRing keys, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return TypedResults.Ok<IReadOnlyList<KeyDocument>>([.. keys.All.Select(key => KeyDocument.Of(key, now))]);
    }

    private static async Task<Results<Created<NewKey>, ProblemHttpResult>> CreateAsync(
        KeyRequest body, HttpContext context, KeyRing keys, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var problems = body.Problems(now, isFirst: keys.IsEmpty && context.User.Actor() is Caller.Local).ToList();
        if (problems.Count > 0)
        {
            return Problems.Unprocessable(problems);
        }

        var by = context.User.Actor() ?? "";
        var change = ChangeRecorder.RecordOf(context);
        try
        {
            var (key, text) = await keys.AddAsync(
                body.Name!.Trim(), [.. body.Roles!.Distinct()], body.ExpiresAt, key => KeyChange.Added(change with { Target = $"{Path}/{key.Id}", Status = StatusCodes.Status201Created }, key), by,
                cancellation);
            return TypedResults.Created($"{Path}/{key.Id}", new NewKey(text.Reveal(), KeyDocument.Of(key, now)));
        }
        catch (AccessException e)
        {
            return Problems.Conflict(e.Message);
        }
    }

    private static async Task<Results<Ok<KeyDocument>, ProblemHttpResult>> RevokeAsync(
        string id, HttpContext context, KeyRing keys, TimeProvider time, CancellationToken cancellation)
    {
        if (keys.Find(new KeyId(id)) is not { } key)
        {
            return Problems.NotFound($"there is no key {id}; GET {Path} lists those that there are");
        }

        var now = time.GetUtcNow();
        if (key.RevokedAt is not null)
        {
            return TypedResults.Ok(KeyDocument.Of(key, now));
        }

        bool IsUsableAdmin(ApiKey other) => other.Roles.Contains(Role.Admin) && other.ProblemAt(now) is null;
        if (IsUsableAdmin(key) && keys.All.Count(IsUsableAdmin) == 1)
        {
            return Problems.Conflict($"{id} is the last key with the role admin: make another one first, or revoke it with \"gateway key revoke {id}\"");
        }

        var change = ChangeRecorder.RecordOf(context) with { Status = StatusCodes.Status200OK };
        return TypedResults.Ok(KeyDocument.Of(await keys.RevokeAsync(key, revoked => KeyChange.Revoked(change, key, revoked), cancellation), now));
    }
}

/// <summary>How a change of a key stands in the audit record, whoever made it.</summary>
internal static class KeyChange
{
    public static AuditRecord Added(AuditRecord record, ApiKey key) => record with { Action = "CreateKey", Result = AuditResult.Done, After = Json(key, key.CreatedAt) };

    public static AuditRecord Revoked(AuditRecord record, ApiKey before, ApiKey after) => record with
    {
        Action = "RevokeKey",
        Result = AuditResult.Done,
        Before = Json(before, record.At),
        After = Json(after, record.At),
    };

    private static string Json(ApiKey key, DateTimeOffset now) => JsonSerializer.Serialize(KeyDocument.Of(key, now), ManagementApi.Json);
}

/// <summary>A key that is wanted.</summary>
internal sealed record KeyRequest
{
    public const int MaxName = 100;

    [Description("What people call it, 1 to 100 characters, such as \"grafana\".")]
    public string? Name { get; init; }

    [Description("What it may do. viewer: look; operator: devices, commands, sinks; integrator: scripts, replays; admin: everything.")]
    public IReadOnlyList<Role>? Roles { get; init; }

    [Description("From when on it is no good; never when missing.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <param name="now">The time.</param>
    /// <param name="isFirst">Whether it closes the door behind whoever asks for it.</param>
    public IEnumerable<FieldProblem> Problems(DateTimeOffset now, bool isFirst)
    {
        if (Name?.Trim() is not { Length: > 0 and <= MaxName } name || name.Any(char.IsControl))
        {
            yield return FieldProblem.Of("name", $"a key needs a name of 1 to {MaxName} characters");
        }

        if (Roles is not { Count: > 0 })
        {
            yield return FieldProblem.Of("roles", $"a key needs a role: {string.Join(", ", Access.Roles.Names)}");
        }
        else if (isFirst && (!Roles.Contains(Role.Admin) || ExpiresAt is not null))
        {
            yield return FieldProblem.Of("roles", "the first key must have the role admin and not expire: from then on nobody comes in without one");
        }

        if (ExpiresAt <= now)
        {
            yield return FieldProblem.Of("expires_at", $"{ExpiresAt:O} is over already");
        }
    }
}

/// <summary>A key that was just made.</summary>
/// <param name="Key">The key itself. It can't be seen again.</param>
/// <param name="Details">What is kept of it.</param>
internal sealed record NewKey(string Key, KeyDocument Details);

/// <summary>What is known of a key.</summary>
internal sealed record KeyDocument
{
    [Description("Its public part, by which people speak of it.")]
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required ImmutableArray<Role> Roles { get; init; }

    [Description("usable, expired or revoked.")]
    public required KeyState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    [Description("Who made it, as the audit record names them.")]
    public required string CreatedBy { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public static KeyDocument Of(ApiKey key, DateTimeOffset now) => new()
    {
        Id = key.Id.Value,
        Name = key.Name,
        Roles = key.Roles,
        State = key.RevokedAt is not null ? KeyState.Revoked : key.ExpiresAt <= now ? KeyState.Expired : KeyState.Usable,
        CreatedAt = key.CreatedAt,
        CreatedBy = key.CreatedBy,
        ExpiresAt = key.ExpiresAt,
        RevokedAt = key.RevokedAt,
    };
}

/// <summary>Whether a key can be used.</summary>
internal enum KeyState
{
    Usable,
    Expired,
    Revoked,
}
