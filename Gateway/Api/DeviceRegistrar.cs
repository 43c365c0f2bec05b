using Gateway.Commands;
using Gateway.Devices;
using Gateway.Scripting;

namespace Gateway.Api;

/// <summary>Checks devices that come over the API, and registers them at once, so that a script that does not work shows here.</summary>
internal sealed class DeviceRegistrar(DeviceDirectory directory, ProfileCatalog profiles, ScriptCatalog scripts, CommandRegistry registry)
{
    /// <summary>What is wrong with a device; empty when nothing is.</summary>
    public async Task<IReadOnlyList<FieldProblem>> ProblemsAsync(DeviceDocument document, CancellationToken cancellation)
    {
        var problems = document.Problems(profiles).Select(problem => FieldProblem.Of(problem.Path, problem.Problem)).ToList();
        if (document.ParserScriptRef is { } reference && await scripts.GetAsync(reference, cancellation) is { Current: null } script)
        {
            problems.AddRange(script.Problems.Select(problem => FieldProblem.Of("parser_script_ref", problem.ToString())));
        }

        return problems;
    }

    /// <summary>Saves a document without problems, unless the device as it is now is against it.</summary>
    /// <param name="document">The device as it is to be.</param>
    /// <param name="refuses">Whether the present device, or that there is none, is against it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The device as it was saved; null when that was refused.</returns>
    public ValueTask<Device?> SaveAsync(DeviceDocument document, Func<Device?, bool> refuses, CancellationToken cancellation) =>
        EditAsync(DeviceId.Parse(document.DeviceId!), (present, now) => refuses(present) ? null : document.ToDevice(present?.CreatedAt ?? now, now, present?.Token), cancellation);

    /// <summary>The same with a device that is made of the present one.</summary>
    public async ValueTask<Device?> EditAsync(DeviceId id, Func<Device?, DateTimeOffset, Device?> edit, CancellationToken cancellation)
    {
        var saved = await directory.EditAsync(id, edit, cancellation);
        if (saved is { State: DeviceState.Active })
        {
            await registry.RegisterDeviceAsync(saved, cancellation);
        }

        return saved;
    }
}
