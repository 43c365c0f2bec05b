using Gateway.Scripting.Contract;
using Gateway.Tests.Support;
using PublicApiGenerator;

namespace Gateway.Tests.Scripting;

/// <summary>What integrators' scripts are written against changes only on purpose.</summary>
internal sealed class ContractTests
{
    [Test]
    public void The_script_contract_is_the_approved_one()
    {
        var contract = typeof(Reading).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(Reading).Namespace).ToArray();

        Approved.Matches("script-api.approved.txt", ApiGenerator.GeneratePublicApi(contract, new ApiGeneratorOptions { IncludeAssemblyAttributes = false }));
    }

    [Test]
    public void Nothing_else_is_public_but_the_messages_that_scripts_read() => Assert.That(
        // Program is made public by the web SDK.
        typeof(Reading).Assembly.GetExportedTypes().Where(type => type.Name != "Program").Select(type => type.Namespace).Distinct(),
        Is.EquivalentTo(new[] { "Gateway.Scripting.Contract", "Gateway.Protos.Efento" }));
}
