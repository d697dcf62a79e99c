using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Modeldrop.Pages;

/// <summary>Writes pages: Razor components as text. Every value in them is encoded, so that no name can become a tag.</summary>
public static class HtmlPage
{
    private static readonly NoServices Services = new();

    /// <summary>The whole page as HTML.</summary>
    /// <remarks>Components of pages do not wait for anything, so that the text is complete when this returns.</remarks>
    public static string Render<TPage, TModel>(TModel model) where TPage : PageOf<TModel>
    {
        using var renderer = new HtmlRenderer(Services, NullLoggerFactory.Instance);
        ParameterView parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(PageOf<>.Model)] = model });
        Task<string> text = renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync<TPage>(parameters)).ToHtmlString());
        return text.IsCompleted ? text.GetAwaiter().GetResult() : throw new InvalidOperationException("A component of the page waits.");
    }

    /// <summary>Components take what they show as parameters.</summary>
    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
