using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Tests.Support;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Api;

/// <summary>Whatever cannot be read is named, with what would be right: all parameters of all endpoints that are more than a text.</summary>
internal sealed partial class UnreadParameterTests
{
    [Test]
    public async Task Each_parameter_that_cannot_be_read_is_named()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var asked = 0;
        foreach (var endpoint in gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            foreach (var parameter in endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>().Where(parameter => parameter.HasTryParse))
            {
                var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name);
                var method = endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0];
                var path = $"{RouteValue().Replace(endpoint.RoutePattern.RawText!, "x")}?{name}=~";
                using var answer = await gateway.SendJsonAsync(new HttpMethod(method), path);
                var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync());

                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), path);
                Assert.That(problem!["errors"]?[0]?["parameter"]?.GetValue<string>(), Is.EqualTo(name), path);
                Assert.That(problem["errors"]![0]!["detail"]!.GetValue<string>(), Does.StartWith("\"~\" is not ").And.Not.Contain("expected here"), path);
                asked++;
            }
        }

        Assert.That(asked, Is.GreaterThan(10), "as many are there at least");
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex RouteValue();
}
