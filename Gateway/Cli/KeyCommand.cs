using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gateway.Access;
using Gateway.Api;

namespace Gateway.Cli;

/// <summary><c>key</c>: the keys of the management API, in their file; whether the gateway runs or not.</summary>
internal static class KeyCommand
{
    public static Command Create() => new("key", "The keys of the management API. Works on their file: a gateway that runs knows within a second.")
    {
        CreateAdd(),
        CreateList(),
        CreateRevoke(),
    };

    private static Command CreateAdd()
    {
        var name = new Option<string>("--name") { Description = "What people call the key, such as grafana.", Required = true };
        var role = new Option<string[]>("--role") { Description = "What it may do: viewer, operator, integrator or admin; may be repeated.", Required = true };
        role.AcceptOnlyFromAmong([.. Roles.Names]);
        var expires = new Option<string?>("--expires") { Description = "When it ends: a number of days such as 90d, or an instant such as 2027-01-31T00:00:00Z. Never when missing." };
        var command = new Command("add", "Makes a key, and writes it to standard output. It can't be seen again: only its hash is kept.") { name, role, expires };
        return With(command, (path, result) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            if (!TryReadExpiry(result.GetValue(expires), now, out var expiresAt))
            {
                result.InvocationConfiguration.Error.WriteLine($"--expires: \"{result.GetValue(expires)}\" is neither days, such as 90d, nor an instant, such as 2027-01-31T00:00:00Z");
                return ExitCode.Usage;
            }

            var roles = result.GetValue(role)!.Distinct().Select(text => Roles.TryParse(text, out var parsed) ? parsed : default).ToImmutableArray();
            var request = new KeyRequest { Name = result.GetValue(name), Roles = roles, ExpiresAt = expiresAt };
            var problems = request.Problems(now, isFirst: false).ToList();
            problems.ForEach(problem => result.InvocationConfiguration.Error.WriteLine($"--{problem.Pointer.TrimStart('#', '/')}: {problem.Detail}"));
            return problems.Count > 0 ? ExitCode.Usage : Add(path, request.Name!.Trim(), roles, expiresAt, now, result.InvocationConfiguration);
        });
    }

    private static Command CreateList()
    {
        var json = new Option<bool>("--json") { Description = "Writes JSON, as the management API does." };
        var command = new Command("list", "Lists the keys: what they may do, and whether they still can.") { json };
        return With(command, (path, result) =>
        {
            using var connection = AccessFile.Connect(path, pooled: false);
            var now = TimeProvider.System.GetUtcNow();
            var keys = KeyTable.All(connection).Select(key => KeyDocument.Of(key, now)).ToList();
            var output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(keys, ManagementApi.Json));
                return ExitCode.Success;
            }

            keys.ForEach(key => output.WriteLine(Line(key)));
            return ExitCode.Success;
        });
    }

    private static Command CreateRevoke()
    {
        var id = new Argument<string>("id") { Description = "The key's id, as \"gateway key list\" shows it." };
        var command = new Command("revoke", "Takes a key back, for good.") { id };
        return With(command, (path, result) =>
        {
            using var connection = AccessFile.Connect(path, pooled: false);
            using var transaction = connection.BeginTransaction(deferred: false);
            if (KeyTable.All(connection).FirstOrDefault(key => key.Id.Value == result.GetValue(id)) is not { } key)
            {
                result.InvocationConfiguration.Error.WriteLine($"there is no key {result.GetValue(id)} in {path}");
                return ExitCode.Failure;
            }

            if (key.RevokedAt is null)
            {
                var now = TimeProvider.System.GetUtcNow();
                KeyTable.Revoke(connection, key.Id, now);
                AuditTable.Insert(connection, KeyChange.Revoked(Change(key.Id, now), key, key with { RevokedAt = now }));
                transaction.Commit();
            }

            return ExitCode.Success;
        });
    }

    private static int Add(string path, string name, ImmutableArray<Role> roles, DateTimeOffset? expiresAt, DateTimeOffset now, InvocationConfiguration invocation)
    {
        var (key, text) = KeyRing.Make(name, roles, expiresAt, Actor(), now);
        using (var connection = AccessFile.Connect(path, pooled: false))
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            KeyRing.Save(connection, key, KeyChange.Added(Change(key.Id, now), key));
            transaction.Commit();
        }

        invocation.Output.WriteLine(text.Reveal());
        invocation.Error.WriteLine($"This is the key {key.Id} ({name}: {string.Join(", ", roles.Select(role => role.Name()))}). It is shown this once: only its hash is in {path}.");
        return ExitCode.Success;
    }

    // Every subcommand finds the file by the configuration, as the gateway does.
    private static Command With(Command command, Func<string, ParseResult, int> run)
    {
        var options = new ConfigurationOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            var (configuration, error) = (options.Load(result), result.InvocationConfiguration.Error);
            if (!configuration.IsUsable(error))
            {
                return ExitCode.Usage;
            }

            try
            {
                AccessFile.Ensure(configuration.Settings.Access.Path);
                return run(configuration.Settings.Access.Path, result);
            }
            catch (Exception e) when (e is AccessException or Microsoft.Data.Sqlite.SqliteException)
            {
                error.WriteLine(e.Message);
                return ExitCode.Failure;
            }
        });
        return command;
    }

    private static bool TryReadExpiry(string? text, DateTimeOffset now, out DateTimeOffset? expiresAt)
    {
        expiresAt = null;
        if (text is null)
        {
            return true;
        }

        if (text.EndsWith('d') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 36500)
        {
            expiresAt = now.AddDays(days);
            return true;
        }

        var isInstant = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant);
        expiresAt = isInstant ? instant : null;
        return isInstant;
    }

    private static AuditRecord Change(KeyId id, DateTimeOffset now) => new()
    {
        At = now,
        Actor = Actor(),
        Action = "",
        Target = $"/api/v1/keys/{id}",
        Result = AuditResult.Done,
    };

    private static string Actor() => $"command line/{Environment.UserName}";

    private static string Line(KeyDocument key) => string.Create(
        CultureInfo.InvariantCulture,
        $"{key.Id}  {key.State.ToString().ToLowerInvariant(),-7}  {string.Join(',', key.Roles.Select(role => role.Name())),-10}  {key.CreatedAt:yyyy-MM-dd}  {(key.ExpiresAt is { } expiry ? expiry.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "no expiry "),-10}  {key.Name}");
}
