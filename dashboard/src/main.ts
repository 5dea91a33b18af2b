import { mount } from 'svelte';
import './style/base.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
target.replaceChildren();
mount(App, { target });

// The shell is kept for the next time, once this page is on the screen.
if ('serviceWorker' in navigator) {
  window.addEventListener('load', () => {
    navigator.serviceWorker.register('/sw.js').catch((error: unknown) => {
      // Without it the page works, but needs the gateway to open.
      console.warn('the service worker could not be started', error);
    });
  });
}
